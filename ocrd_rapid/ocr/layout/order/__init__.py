# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The order of regions once their text is known.

* ``region_order``: the best order, and how sure it is at each place;
* ``region_evidence``: what regions show: edges, sizes, beginnings and ends of their text;
* ``junctions``: what speaks for one region following another, with weights counted on pages with
  ground truth (``junction_weights.json``, made by ``training/region_order.py``);
* ``separators``: printed rules as regions of a page, which the order needs;
* ``order_measures``: the constants of these modules, with their units.
"""
