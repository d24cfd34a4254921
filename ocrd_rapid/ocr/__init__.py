# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""OCR on arrays: find lines, group and order them, set them upright, read them.

Images are BGR arrays of shape (height, width, 3), uint8. Points are (x, y) in pixels of the
image, x to the right, y down, float32. A *box* is an array of shape (4, 2): the corners of a
rectangle, clockwise as seen, beginning at the top left of the text as it is read if the image
is upright.

* ``preprocessing``: measure and remove skew, noise, low contrast and uneven light;
* ``detection``: from a page to the boxes of its lines;
* ``layout``: from boxes to regions in reading order; ``layout_models``: regions that a network
  finds, with these boxes in them;
* ``orientation``: the votes of lines on which way up they are; ``turning``: the conclusions for
  pages and blocks, and for the reading order;
* ``lines``: from a page to its lines and their images;
* ``recognition``: from the image of a line to its text;
* ``page_reading``: all of these in one call, from the image of a page to its text;
  ``page_model``: the result;
* ``barcode_reading``: barcodes and their contents;
* ``geometry``: boxes and their corners; ``model_kinds``: kinds of models, told by their outputs;
  ``text_direction``: whether text runs from right to left.

Nothing here knows about OCR-D, files other than key files, or the network.
"""
