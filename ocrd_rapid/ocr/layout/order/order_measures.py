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
#: [ratio] Largest of the height of letters that are the same.
SAME_SIZE = 1.12
#: [line heights] Least indentation of a first line, and least of a centred one.
INDENT, CENTRED = 0.6, 4.0
#: [line heights] Largest distance from the margin of a line that fills its column.
FULL_LINE = 1.2
#: [ratio] Least width of a region that spans the one below or above it.
SPANNING = 1.5
#: [characters] Longest number of an item.
NUMERAL_LENGTH = 3
#: [ratio] Largest thickness of a separator that is a rule, to its length.
SEPARATOR_THICKNESS = 0.1

#: [log odds] Least sureness of a place that no cut of the layout made, see `Region`: of those that
#: a cut made, 3 of 4 are right, whatever its evidence, of the others 19 of 20 (typeset pages).
SURE_PLACE = 11.99

# The search. Measured as page error, docs/quality.md, "Order with the text".

#: [log odds] What it is worth that a page begins, or ends, where the layout says.
PAGE_END = 1.5
#: [log odds] Least gain of a swap: where two orders are close, that of the layout stays.
LEAST_GAIN = 3.0
#: [log odds] What makes the odds of a junction e times as good.
CONFIDENCE_SCALE = 3.5
#: [junctions] Largest number of places at which an order is cut.
MOST_CUTS = 120
