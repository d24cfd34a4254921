# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""From pages to files for readers and other programs.

* ``page_xml``: PAGE-XML, from and to the model of a page (`ocrd_rapid.ocr.page_model`), with
  ``page_elements`` and ``page_filling``;
* ``line_words``: pages of any origin made complete: lines, words, outlines and IDs; with
  ``line_axes``, the direction of lines and their baselines, ``character_widths`` and
  ``segment_ids``;
* ``output_formats``: the table of formats; ``export_options``: the choices of their writers;
  ``document_dates``: the date of a document;
* ``pages``: the pages to export, their order, and the names of their files;
* ``pdf``: searchable PDF;
* ``page_media``: the image of a page; ``work_outline``: the table of contents of a work;
* ``alto_file``, ``alto_description``, ``alto_elements``, ``alto_lines``: ALTO;
* ``hocr``: hOCR; ``json_pages``: JSON; ``word_table``: CSV; with ``positions`` and
  ``certainty``, positions and confidences as files have them;
* ``hyphens``: words divided at the ends of lines; ``spelling``: letters of early prints as today;
* ``text_flow``: from pages to a text for readers, made of the parts of pages (``page_parts``), with
  ``line_joining``, ``kept_lines`` for verse, ``letter_sizes`` for the levels of headings, and
  ``cell_grid`` for tables;
* ``plain_text``, ``markdown``, ``word_document``: the formats for readers;
* ``view``: pages for the browser, scan beside text: ``view_page``, the markup of a page;
  ``scan_images``, its pictures; ``marked_words``, its differences from a reference;
  ``view_files``, the file and the folder beside it;
* ``escaping``: text within markup.
"""
