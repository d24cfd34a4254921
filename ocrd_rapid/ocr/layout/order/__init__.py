# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""How sure the order of regions is, once their text is known, and an order for those without one.

* ``region_order``: how sure an order is at each place, and a better one;
* ``region_evidence``: what regions show: edges, sizes, beginnings and ends of their text;
* ``junctions``: what speaks for one region following another, with weights counted on pages with
  ground truth (``junction_weights.json``, made by ``training/region_order.py``);
* ``separators``: printed rules as regions of a page, which the order needs;
* ``order_measures``: the constants of these modules, with their units.
"""
