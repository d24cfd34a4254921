# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Documents to read: images, folders and PDFs, and what a page of them is.

* ``document``: the interface of documents and pages, and the choices of their opening.

Nothing here knows about OCR.
"""
