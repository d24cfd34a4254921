# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""From pages to files for readers and other programs.

* ``page_xml``: PAGE-XML, from and to the model of a page (`ocrd_rapid.ocr.page_model`);
* ``line_words``: pages of any origin made complete: lines, words, outlines and IDs; with
  ``line_axes``, the direction of lines and their baselines, ``character_widths`` and
  ``segment_ids``;
* ``output_formats``: the table of formats; ``export_options``: the choices of their writers;
* ``pages``: the pages to export, their order, and the names of their files;
* ``hyphens``: words divided at the ends of lines;
* ``plain_text``: plain text in reading order; ``spelling``: letters of early prints as today;
* ``view``: pages for the browser, scan beside text: ``view_page``, the markup of a page;
  ``scan_images``, its pictures; ``marked_words``, its differences from a reference;
* ``escaping``: text within markup.
"""
