# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Documents to read: images, folders and PDFs, and what a page of them is.

* ``document``: the interface of documents and pages, and the choices of their opening;
* ``pdf_geometry``: the displayed part of a PDF page, its pixels and its user space.

Nothing here knows about OCR.
"""
