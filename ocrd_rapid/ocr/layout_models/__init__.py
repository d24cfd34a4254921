# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Layout models: networks that find the regions of a page, and our lines in these regions.

* ``layout_model``: from a page to regions (`LayoutModel`);
* ``layout_networks``: the families of networks, told by their inputs and outputs;
* ``dense_heads``: boxes from the output of networks without a final selection;
* ``region_boxes``: regions with their labels, and the selection among overlapping ones;
* ``label_types``: from labels to regions of PAGE-XML;
* ``region_lines``: lines of a page in the regions of a model, in reading order.

A *label* is the name of one of a model's classes, such as 'figure_title'.
"""
