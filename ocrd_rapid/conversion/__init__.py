# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""From documents to files in any format: ``ocrd-rapid ocr``, and the same in Python.

A conversion is the chain of processors over a workspace of its own.

* ``convert_documents``: a whole conversion; ``conversion_report``: what became of it;
* ``output_names``, ``output_checks``: where outputs go, and whether they can;
* ``reading_run``: the run of the processors over the pages of all documents;
  ``page_chain``: its steps; ``page_supply``: the images of its pages, ``page_pictures``: what
  becomes of them in a PDF; ``merged_text``: text that a page had and text that was recognized;
* ``documents_on_demand``: many documents, not all of them open;
* ``document_outputs``: the outputs of a document that has been read;
* ``kept_workspaces``: workspaces that stay;
* ``default_models``: what has to be installed;
* ``recognized_document``: documents in Python.
"""
