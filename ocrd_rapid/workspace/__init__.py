"""OCR-D's formats: METS, PAGE-XML, and the images they refer to. No OCR here.

* ``contents``: what a METS says, as plain data; ``mets``: a METS document, with
  ``mets_reading``, ``mets_header``, ``mets_lock`` and ``changes``; ``mets_server`` (with
  ``_protocol`` and ``_http``): one that a server holds;
* ``selection``: pages by the expressions of ``--page-id``; ``ids``: names of files and groups;
* ``page``: one PAGE-XML document; ``segments``: its regions, lines, words and glyphs; ``values``:
  numbers and outlines in attributes; ``polygons``: outlines made valid;
* ``page_images``: images of pages and segments; ``decoding``: image files; ``transforms`` and
  ``views``: the way between PAGE coordinates and pixels, and the pixels on that way;
* ``workspace``: a directory with all of these;
* ``validation``: is a workspace sound? With ``mets_checks``, ``page_checks``, ``schema``,
  ``outlines`` and ``findings``;
* ``xml``: safe parsing.
"""
