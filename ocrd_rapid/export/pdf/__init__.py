# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Searchable PDF: an invisible layer of text under the pages of a document.

* ``assemble``: a whole document, from its pages to the file;
* ``base_file``: the file that gets the layers: a PDF, or one made of images; ``image_streams`` and
  ``image_pdf``: images into PDF without loss;
* ``layer``: where the words of a line go; ``font``: the font of boxes that they have;
  ``page_layer``: all that is drawn on a page;
* ``graft``: the layer put into a page; ``invisible_text``: removal of an earlier one;
* ``tags``, ``navigation``, ``description``: structure, bookmarks and labels, metadata;
* ``archival``: saved as PDF/A if it can be; ``srgb``: the colour profile for it.
"""
