# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Documents to read: images, folders and PDFs, and what a page of them is.

* ``document``: the interface of documents and pages, and the choices of their opening;
* ``input_files``: from the inputs of a command to documents; ``page_ranges``: the choice of pages;
* ``open_document``: from a document to its pages; ``image_pages``: those that are images;
* ``pdf_files``: opening PDFs; ``pdf_pages``: their pages; ``temporary``: copies of files;
* ``pdf_contents``: what a page of a PDF consists of, and what is done with it; ``pdf_images``: the
  images on it; ``pdf_fonts``: its fonts; ``pdf_characters``, ``pdf_lines``: its text;
* ``pdf_geometry``: the displayed part of a PDF page, its pixels and its user space;
* ``pdfium``: pages as pdfium sees and renders them, one thread at a time.

Nothing here knows about OCR.
"""
