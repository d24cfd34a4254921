# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""OCR-D's formats: METS, PAGE-XML, and the images they refer to. No OCR here.

* ``contents``: what a METS says, as plain data; ``mets``: a METS document, with
  ``mets_reading``, ``mets_header``, ``mets_lock``, ``lock_reach`` and ``changes``;
  ``mets_server``: one that a server holds, with ``mets_server_protocol`` and
  ``mets_server_http``; ``web``: one on the web;
* ``selection``: pages by the expressions of ``--page-id``; ``ids``: names of files and groups;
  ``naming``: names of the outputs of a run;
* ``file_locations``: where the files of a METS are; ``content_types``: their kinds;
* ``page``: one PAGE-XML document; ``segments``: its regions, lines, words and glyphs;
  ``transcripts``: its text; ``region_texts``: that of regions, from their lines;
  ``ground_truth``: lines that a person corrected; ``barcode_regions``, ``table_cells``: its
  barcodes and cells of tables; ``values``: numbers and outlines in attributes;
  ``foreign``: PAGE of older versions and other programs;
* ``order_marks``: who made a reading order, and how sure it is; ``custom_tags``: ``@custom``;
* ``polygons``, ``bounds``, ``hulls``, ``nesting``: outlines made valid, kept on the page, made
  from their contents, and kept inside each other; ``languages``, ``page_scripts``: their
  names and codes;
* ``page_images``: images of pages and segments; ``decoding``: image files; ``views``: cropped and
  turned pixels, with the way back to PAGE coordinates;
* ``workspace``: a directory with all of these;
* ``validation``: is a workspace sound? With ``mets_checks``, ``page_checks``, ``schema``,
  ``outlines`` and ``findings``;
* ``xml``: safe parsing.
"""
