# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The measures of the order of regions: what counts as below, beside, indented, full.

Each constant begins with its unit in brackets, as in `measures`. They only name what can be seen;
what it is worth is counted on pages, see `junctions`.
"""

from __future__ import annotations

#: [share of the narrower width] Least overlap of regions one below the other.
BELOW = 0.4
#: [line heights] Overlap in height of neighbours in a column: boxes are higher than letters.
TOUCHING = 0.6
#: [line heights] Overlap in width of neighbours in a row.
BESIDE = 1.0
#: [line heights] Largest difference of edges that are aligned.
ALIGNED = 1.5
#: [line heights] Largest gap within running text, and largest before a heading.
SMALL_GAP, LARGE_GAP = 0.9, 3.0
#: [share of a region's width] Least part that a rule covers which cuts it off.
RULE_COVER = 0.6
#: [share of a height] Overlap from which two regions are in one row.
SAME_ROW = 0.5
#: [rows] Largest number in a region that is part of a row.
ROW_PIECE = 2
#: [line heights] Least indentation of a first line, and least of a centred one.
INDENT, CENTRED = 0.6, 4.0
#: [line heights] Largest distance from the margin of a line that fills its column.
FULL_LINE = 1.2
#: [ratio] Least width of a region that spans the one below or above it.
SPANNING = 1.5
#: [ratio] Largest thickness of a separator that is a rule, to its length.
SEPARATOR_THICKNESS = 0.1

# The search, and the confidence of places: docs/quality.md, "Confidence of the order".

#: [log odds] Least gain of a swap: where two orders are close, that which is there stays.
LEAST_GAIN = 3.0
#: [log odds] Confidence of a place without which an order as good as this is found, and what each
#: unit of the logarithm of 1 + the loss without it adds (4692 places of pages to look at).
CONFIDENCE_BASE, CONFIDENCE_SLOPE = 0.94, 1.63
#: [junctions] Largest number of places at which an order is cut.
MOST_CUTS = 120
