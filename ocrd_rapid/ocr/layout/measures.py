# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The measures of the layout: what counts as a gutter, a note, a heading, a rule.

Each constant begins with its unit in brackets:

* *line heights*: multiples of the usual height of a line's box, `Sheet.line_height`;
* *share*: part of a whole named in the brackets, 0 to 1;
* *ratio*: quotient of two lengths of the same kind;
* *log odds*: evidence, as the natural logarithm of the odds, of the whole or per unit that the text
  names;
* *nats*: negative natural logarithm of a probability, up to a constant: costs that add up;
* *pixels*, *grey levels*, *lines*, *rows*, *half lines*: counts of these.

All were set by hand, and measured on the 40 scanned pages of docs/quality.md: not one by one, but
each section as a whole, by the figure that its heading names. Other pages may give worse results.
After a change, measure with ``make quality``.
"""

from __future__ import annotations

# Direction of lines. Set by hand.

#: [ratio] Least ratio of the sides of a box that shows the direction of its text: a short word or a
#: single digit may be taller than wide.
LONG_BOX = 3.0
#: [ratio] Largest distance between sideways lines of one block, to the height of the lines.
BLOCK_DISTANCE = 2.0

# Lines and rows. Set by hand.

#: [line heights] Growth of boxes by detection at both ends, subtracted again to find gaps.
BOX_GROWTH = 0.25
#: [share of a height] Overlap in height from which two boxes are in one row.
SAME_ROW = 0.5
#: [share of a line's height] Distance below a line up to which a rule is its underline.
UNDERLINE_EDGE = 0.2

# Flattening of the page. Set by hand, measured with the two sections that follow.

#: [lines] Fewest lines that show how a page is bent.
FLATTENING_LINES = 20
#: [ratio] Least width of a line whose slope counts, to its height.
SLOPE_LINE_WIDTH = 4.0
#: [ratio] Largest slope that is left without skew, and largest change of it to the edge of the
#: text: pixels down per pixel to the right.
LARGEST_SLOPE = 0.05
#: [line heights] Least bend that is removed: how far an edge of the text is moved up or down.
LEAST_BEND = 1.0
#: [ratio] Largest lean of a column, and step of the search: pixels to the right per pixel down.
LARGEST_LEAN, LEAN_STEP = 0.03, 0.003
#: [line heights] Least lean that is removed: how far the head or foot is moved sideways.
LEAST_LEAN = 0.5
#: [line heights] Width of a bin of edges that stand below each other.
LEAN_EDGE = 0.4
#: [ratio] Least gain, in edges piled up, of a lean over none.
LEAN_GAIN = 1.1

# Gutters between columns, and cuts across them. Set by hand, by order on 14 newspaper pages (page
# error less line error: 6.29 to 2.73 points), 69 typeset pages with their lines given (page error:
# 7.6 to 3.0 %) and 35 other scans; on 9 newspaper pages never looked at, 7.82 to 1.68 points.

#: [half lines] Most heights at which the lines beside a gutter are compared.
MOST_LEVELS = 600
#: [line heights] Distance within which only the best place is tried.
PLACES_APART = 1.0
#: [line heights] Least height of the words of a title in rows on both sides of a vignette.
TITLE_SIZE = 1.3
#: [lines] Fewest lines with their middle between two gutters.
FEWEST_LINES_BETWEEN_GUTTERS = 2
#: [share of the heights beside a gutter] Part in which lines may stick out into the gap.
STICKING_OUT = 0.1
#: [line heights] Distance of a printed rule from the edge of the gap in which it stands.
RULE_ASIDE = 1.0
#: [lines] Number of lines that stand side by side …
GUTTER_LINES = (1.0, 2.0, 3.0, 4.0, 10.0)
#: [log odds] … and its evidence, without a printed rule between them and with one.
GUTTER_LINE_EVIDENCE, RULED_LINE_EVIDENCE = (-8.0, -3.0, 0.5, 2.0, 8.0), (-1.0, 0.5, 1.5, 2.5, 8.0)
#: [lines] Number beyond the first from which aligned edges are no chance.
ALIGNED_LINES = 4
#: [line heights] Narrowest gutter, and narrowest with a printed rule: negative, as detection runs
#: into the rule.
NARROWEST_GUTTER, NARROWEST_RULED_GUTTER = 0.25, -0.75
#: [log odds] Evidence of each line height of greater width, and its bounds.
GUTTER_WIDTH_EVIDENCE, NO_GUTTER_EVIDENCE, LARGEST_WIDTH_EVIDENCE = 2.0, -8.0, 2.0
#: [line heights] Distance within which edges are below each other.
EDGE_ALIGNED = 0.5
#: [log odds] Evidence if all left, and all right edges are.
LEFT_EDGE_EVIDENCE, RIGHT_EDGE_EVIDENCE = 2.0, 1.0
#: [log odds] Evidence of a printed rule beside all lines.
RULED_GUTTER_EVIDENCE = 3.0
#: [share of the best gutter's evidence] Least evidence of a gutter beside a better one.
LEAST_WORTH = 0.3
#: [half lines] Number with lines on both sides that part two runs of lines across a gutter.
LEVELS_BETWEEN_RUNS = 4
#: [log odds] Most evidence of a gutter above for the same one beside a few lines.
KNOWN_GUTTER_EVIDENCE = 9.0
#: [log odds] Cost of each run of lines across a gutter, of one with large letters, and of each
#: further line of it.
ACROSS_RUN_COST, LARGE_RUN_COST, ACROSS_LINE_COST = 1.0, 3.0, 0.1
#: [line heights] Overhang into the other column from which a line spans the gutter.
OVERHANG = 1.0
#: [share of the line's width] The same for short lines, such as a page number below the gutter.
NARROW_OVERHANG = 0.25
#: [log odds] Cost of parting columns at a gutter that a line spans: of a line of the usual height,
#: which may be two that touch, of a larger one, and of each further line of a run.
CROSSING_COST, LARGE_CROSSING_COST, NEXT_CROSSING_COST = 5.0, 9.0, 1.0

# Cuts across columns.

#: [line heights] Excess of a gap between rows over the usual one …
GAP_EXCESS = (0.2, 0.6, 1.0, 2.0, 4.0)
#: [log odds] … and its evidence.
GAP_EVIDENCE = (-6.0, -1.0, 0.5, 1.5, 2.5)
#: [log odds] Least evidence of a gap beside a line that spans the gutter.
SPANNING_EVIDENCE = -1.5
#: [share of the column's width] Least part with a printed rule.
RULED_COLUMN = 0.5
#: [log odds] Evidence of such a rule.
RULED_GAP_EVIDENCE = 2.5
#: [line heights] Distance of a rule from the gap that it is in.
RULE_LEVEL = 0.4
#: [lines] Number of upright lines along which a rule is looked for.
RULE_SAMPLES = 24
#: [ratio] Change of the size of type, as a logarithm, that ends what is read together.
TYPE_SIZE_CHANGE = 0.15
#: [rows] Number compared on either side.
TYPE_SIZE_ROWS = 3
#: [log odds] Evidence of such a change: notes may stand below several columns without a rule.
TYPE_SIZE_EVIDENCE = 0.8
#: [log odds] Evidence against a cut of columns that differ as much in type below it, not above.
UNLIKE_TYPE_EVIDENCE = 2.0
#: [share of the column's width] Least part of a rule in a gap …
MARKED_COLUMN = 0.1
#: [log odds] … and evidence against a cut of columns with such a rule and without one.
UNLIKE_RULE_EVIDENCE = 2.0
#: [log odds] Evidence from which a gap may be part of a cut.
LIKELY_GAP = -0.5
#: [line heights] Difference in height of the gaps of one cut.
CUT_LEVEL = 1.0
#: [line heights] Gap of a column from which it may hold a picture.
PICTURE_GAP = 5.0
#: [share of the height of a column] Least part near gaps of one kind: it bounds their evidence.
RAREST_GAP = 0.005
#: [log odds] Evidence of any cut across all columns, across some, and beside a line across them.
CUT_PRIOR, PART_CUT_PRIOR, SPANNING_CUT_PRIOR = -2.5, -8.0, -1.0
#: [log odds] Cost of cutting all columns at each run of lines that spans some of them.
BAND_COST = 4.0
#: [log odds] Most evidence of a gap that a cut passes through, but that does not end where it is.
PASSED_GAP_EVIDENCE = 0.3
#: [line heights] Height of a running head, or foot.
FEW_ROWS_HEIGHT = 2.5
#: [log odds] Evidence of a cut beside it, and of columns that it has no part in.
FEW_ROWS_EVIDENCE, BESIDE_SINGLE_EVIDENCE = 1.5, 0.3
#: [line heights] Width from which a gutter is evidence against cuts across it.
WIDE_GUTTER = 2.0
#: [ratio] Largest width of a gutter to the widest other one, at which both part columns of a page.
ALIKE_GUTTERS = 1.3
#: [log odds] This evidence of each line height, and most of it.
WIDE_GUTTER_EVIDENCE, LARGEST_WIDE_EVIDENCE = 2.0, 5.0
#: [line heights] Narrowest gutter between the pages of a double page.
PAGE_GUTTER = 3.0
#: [ratio] Its width, at least, to that of other gutters.
PAGE_GUTTERS = 2.0
#: [log odds] Its own evidence, at least, and evidence against a cut across it.
PAGE_GUTTER_SURENESS, PAGE_GUTTER_EVIDENCE = 6.0, 10.0
#: [share of the gutter] Part that a rule across it covers.
RULE_ACROSS = 0.9
#: [log odds] Evidence of a horizontal rule across the gutter, and against a cut of a vertical rule
#: that goes on.
RULE_ACROSS_EVIDENCE, RULE_THROUGH_EVIDENCE = 3.5, 4.0
#: [line heights] How far it goes on, beyond the gaps on both sides.
RULE_BEYOND = 1.5
#: [share of the narrower line's width] Least part of two lines below each other that both have.
SAME_COLUMN = 0.5
#: [line heights] Farthest next line.
NEXT_LINE = 2.0

# Feuilletons under the first columns. Set by hand, on the newspaper pages named above.

#: [lines] Fewest in a column, above the rule and below it.
FOOT_LINES = 3
#: [share of the column's width] Least part that the rule covers.
FOOT_RULE = 0.8
#: [line heights] Largest distance from the edges of its column of a row that fills it.
FOOT_EDGE = 0.6

# Numbers beside the rows of a table or of contents, which are not a column. Set by hand; part of
# the 6.39 % above.

#: [line heights] Largest usual width of such numbers.
ROW_NUMBER_WIDTH = 3.0
#: [line heights] Largest usual width of cells, if most rows on both sides have a partner.
CELL_WIDTH = 4.5
#: [line heights] Largest difference in height of cells of one row.
CELL_ROW_HEIGHT = 0.25
#: [share of the lines of a side] Fewest lines with a partner in their row.
CELL_ROWS = 0.6
#: [line heights] Largest distance of two lines of a note.
STACKED_PITCH = 2.0
#: [share of lines] Least part that has another below, in notes, unlike in numbers of entries.
STACKED_NOTES = 0.5
#: [log odds] Evidence against a gutter beside cells.
CELL_EVIDENCE = 12.0
#: [log odds] Evidence against a gutter of lines that all have a partner, over lines of which half
#: do, twice.
SAME_ROWS_EVIDENCE = 3.0

#: [line heights] Least usual distance of the rows of a form: more than that of lines of text (1.5).
FIELD_PITCH = 1.55
#: [share of the width of all] Largest usual width of lines in them; text fills its column.
FIELD_FILL = 0.8

# Notes beside the text. Measured as page error together with the second look at small text,
# docs/quality.md, "History": 6.39 to 5.66 %.

#: [ratio] Largest usual width of the lines of a note that looks like a column, to the text's.
NOTE_COLUMN_WIDTH = 0.4
#: [ratio] Largest number of its lines, to the text's.
NOTE_COLUMN_LINES = 0.6
#: [lines] Fewest lines of a note in the margin of a column; narrower ones number a line …
MARGIN_NOTE_LINES = 2
#: [line heights] … unless they are at least this wide.
MARGIN_NOTE_WIDTH = 4.0
#: [share of the widest line] Narrowest line that shows the extent of the text, and so its margins.
TEXT_LINE_WIDTH = 0.6

# Blocks of a few lines side by side. Set by hand on typeset letters and invoices.

#: [lines] Most lines of such a block; columns have more.
BLOCK_LINES = 7
#: [ratio] Largest distance of two lines of it to the height of its lines; rows of forms are farther
#: apart.
BLOCK_PITCH = 1.5
#: [ratio] A block ends where nothing follows but farther below by this factor.
BLOCK_END = 1.15
#: [ratio] Largest distance of their left edges.
BLOCK_EDGE = 0.35
#: [ratio] Least white between two blocks, and their greatest width.
BLOCK_WHITE, BLOCK_WIDTH = 1.5, 20.0
#: [line heights] Distance above and below within which columns of text would go on.
BLOCK_SURROUNDINGS = 12.0
#: [share of the white between two blocks] Least that a line fills that is in neither column.
BLOCK_OVERHANG = 0.3
#: [lines] Most more lines in each of two columns than such.
BLOCK_LONE_LINES = 1

# Lines that reach across a gutter or a rule, and are cut. Measured as line error, docs/quality.md,
# "History": 4.71 to 4.54 %.

#: [ratio] Largest height of a line that is cut, to the usual one: titles may stand across columns.
FUSED_LINE_HEIGHT = 1.6
#: [line heights] Shortest part that a cut leaves.
SHORTEST_PART = 1.0
#: [share of the line's height] Least part crossed by a rule that cuts the line.
CROSSED_HEIGHT = 0.7
#: [ratio] Shortest rule that cuts a line, to the line's height: strokes of large letters are
#: detected as rules, too.
CUTTING_RULE_LENGTH = 2.0
#: [share of the lines near it] Most lines crossed by a rule that separates columns.
CROSSED_LINES = 0.3
#: [line heights] Distance above and below within which lines show the gutter.
NEIGHBOURHOOD = 6.0
#: [share of the gutter of the lines near it] Least width without ink in a line that is cut.
INKLESS_GUTTER = 0.5
#: [ratio] The same, to the height of the line.
INKLESS_WIDTH = 0.3
#: [share of a column of pixels] Most ink of paper with specks.
SPECKS = 0.05

# Printed rules and their detection in the image. Set by hand; part of the 6.39 % above.

#: [pixels] Height of a line in the reduced image: hairlines stay visible.
REDUCED_LINE_HEIGHT = 20.0
#: [grey levels] Least contrast to the paper, of 255.
RULE_CONTRAST = 24
#: [line heights] Thickest rule. Anything thicker is a picture or the edge of the page.
RULE_THICKNESS = 0.7
#: [line heights] Shortest run of dark pixels: touching letters make shorter ones.
RULE_RUN = 1.5
#: [line heights] Largest distance between pieces of one rule, along it and across.
RULE_PIECES_APART, RULE_PIECES_ASIDE = 3.0, 0.4
#: [line heights] Shortest rules. The strokes of titles are as tall as the title.
SHORTEST_HORIZONTAL_RULE, SHORTEST_VERTICAL_RULE = 2.5, 4.0
#: [share of a line's height] Margin at both edges of a line in which rules (underlines) are
#: detected; between the margins they are not, as touching letters make runs, too.
LETTERS_EDGE = 0.1
