# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""From pages to files for readers and other programs.

* ``page_xml``: PAGE-XML, from and to the model of a page (`ocrd_rapid.ocr.page_model`);
* ``output_formats``: the table of formats; ``export_options``: the choices of their writers;
* ``pages``: the pages to export, their order, and the names of their files;
* ``plain_text``: plain text in reading order; ``spelling``: letters of early prints as today.
"""
