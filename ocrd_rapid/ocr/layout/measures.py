"""The measures of the layout: what counts as a gutter, a note, a heading, a rule.

Each constant begins with its unit in brackets:

* *line heights*: multiples of the usual height of a line's box, `Sheet.line_height`;
* *share*: part of a whole that the comment names, 0 to 1;
* *ratio*: quotient of two lengths of the same kind;
* *pixels*, *grey levels*, *lines*, *rows*: what they say.

Not one of them was measured alone. They were set by hand, looking at the 40 scanned pages of
docs/quality.md, and measured together: each section says by which figure there. Expect less of
other pages. Change one, and measure with ``make quality``.
"""

from __future__ import annotations

# Lines and rows. Set by hand.

#: [line heights] What detection adds at both ends of a box, and is taken off again to find gaps.
BOX_GROWTH = 0.25
#: [share of a height] Overlap in height from which two boxes are in one row.
SAME_ROW = 0.5
#: [share of a line's height] Distance from the edge of a line, inwards, up to which a rule is not
#: part of it (strokes of letters, underlines). Boxes are a little higher than their letters.
UNDERLINE_EDGE = 0.2

# Gutters between columns. Measured as page error, docs/quality.md, "History": narrow gutters 24.32
# to 17.71 %, columns that are not perfectly straight to 10.91 %, printed rules and gutters of parts
# of a page to 6.39 %.

#: [line heights] Narrowest gutter.
NARROWEST_GUTTER = 0.25
#: [line heights] Narrowest gutter with a printed rule: negative, as detection runs into the rule.
NARROWEST_RULED_GUTTER = -0.75
#: [lines] Fewest lines on either side of a gutter; for so many line heights they are side by side.
GUTTER_LINES = 3
#: [share of the lines beside a gutter] What the middle of the gap must separate, too.
GUTTER_MIDDLE = 0.9
#: [lines] What spans a gutter is text, not headings, if it has more lines.
GUTTER_HEADING_LINES = 3
#: [line heights] Overhang into the other column from which a line spans the gutter.
OVERHANG = 1.0
#: [share of the line's width] The same of short lines, such as a page number below the gutter.
NARROW_OVERHANG = 0.25
#: [line heights] Overhang beyond which a horizontal rule spans a gutter; farthest distance of a
#: vertical one from it.
RULE_OVERHANG = 2.0
#: [share of the height that two columns share] What a rule between them covers at least.
GUTTER_RULE = 0.6
#: [share of the width that is cut] Shortest rule that cuts from side to side.
FULL_WIDTH_RULE = 0.8

# Numbers beside the rows of a table or of contents, which are no column. Set by hand; part of the
# 6.39 % above.

#: [line heights] Largest usual width of such numbers.
ROW_NUMBER_WIDTH = 3.0
#: [line heights] Largest usual width of cells, if most rows on both sides have a partner.
CELL_WIDTH = 4.5
#: [share of the lines of a side] Lines that have a partner in their row, at least.
CELL_ROWS = 0.6

# Notes beside the text. Measured as page error with the second look at small text, docs/quality.md,
# "History": 6.39 to 5.66 %.

#: [ratio] Largest usual width of the lines of a note that looks like a column, to the text's.
NOTE_COLUMN_WIDTH = 0.4
#: [ratio] Largest number of its lines, to the text's.
NOTE_COLUMN_LINES = 0.6
#: [lines] Fewest lines of a note in the margin of a column; narrower ones number a line …
MARGIN_NOTE_LINES = 2
#: [line heights] … unless they are at least so wide.
MARGIN_NOTE_WIDTH = 4.0
#: [share of the widest line] Narrowest line that tells where the text is, and where its margin.
TEXT_LINE_WIDTH = 0.6

# Regions of a column. Measured as boundaries found, docs/quality.md, "Regions".

#: [line heights] Gap, beyond the usual one, that begins a region.
REGION_GAP = 0.8
#: [ratio] Of the heights of two rows whose letters differ in size. Boxes of lines without ascenders
#: are up to a fifth lower.
SIZE_CHANGE = 1.35
#: [ratio] Of the heights of all rows before and all rows after, where notes follow the text.
NOTES_SIZE_CHANGE = 1.12
#: [line heights] Least and largest indentation of the first row of a paragraph.
LEAST_INDENT, LARGEST_INDENT = 0.8, 6.0
#: [rows] On either side, that tell where the margin is: pages are not perfectly straight.
MARGIN_ROWS = 6
#: [rows] Fewest per paragraph, on average. Fewer make a list, or verse.
PARAGRAPH_ROWS = 2.5
#: [line heights] Least indentation of a centred row on both sides, and largest difference between
#: them.
CENTRED_ROW_INDENT, CENTRED_ROW_DIFFERENCE = 2.0, 1.5
#: [share of the widest row] Widest centred row.
CENTRED_ROW_WIDTH = 0.7
#: [line heights] Widest row at the head or foot of a block that stands alone (a page number), and
#: its least indentation on both sides.
LONE_ROW_WIDTH, LONE_ROW_INDENT = 4.5, 2.0
#: [line heights] Gap in a row that makes its pieces regions, where it is alone, or the first or
#: last of its block.
ROW_GAP = 1.5

# Types of regions. Measured as page numbers, footnotes, running heads and paragraphs told
# apart, docs/quality.md, "Regions".

#: [ratio] Largest height of a region of one row, to that of its letters.
SINGLE_ROW_HEIGHT = 1.8
#: [line heights] Widest page number.
PAGE_NUMBER_WIDTH = 4.5
#: [line heights] Least distance of a page number from the text.
PAGE_NUMBER_DISTANCE = 0.2
#: [line heights] Least distance of a footer from the text.
FOOTER_DISTANCE = 3.0
#: [ratio] Height of the letters of a heading, at least, to the usual one.
HEADING_SIZE = 1.3
#: [rows] Most of a heading.
HEADING_ROWS = 3
#: [line heights] Least indentation, on both sides, of a heading in letters of the usual size;
#: largest difference between them.
HEADING_INDENT = 2.0
#: [share of the column's width] Widest heading in letters of the usual size.
HEADING_WIDTH = 0.7
#: [ratio] Height of the letters of a footnote, at most, to the usual one.
FOOTNOTE_SIZE = 0.9
#: [line heights] Narrowest footnote. What is narrower at the foot of a page marks its sheet.
FOOTNOTE_WIDTH = 3.0
#: [share of the footnote's width] Longest rule above it, and farthest beginning of this rule; other
#: rules separate columns.
FOOTNOTE_RULE_WIDTH, FOOTNOTE_RULE_INDENT = 0.7, 0.25

# Lines that reach over a gutter or a rule, and are cut. Measured as line error, docs/quality.md,
# "History": 4.71 to 4.54 %.

#: [ratio] Largest height of a line that is cut, to the usual one: titles may stand across columns.
FUSED_LINE_HEIGHT = 1.6
#: [line heights] Shortest part that a cut leaves.
SHORTEST_PART = 1.0
#: [share of the line's height] What a rule that cuts it crosses at least.
CROSSED_HEIGHT = 0.7
#: [ratio] Shortest rule that cuts a line, to its height: strokes of large letters are rules, too.
CUTTING_RULE_LENGTH = 2.0
#: [share of the lines near it] Most that a rule crosses and still keeps columns apart.
CROSSED_LINES = 0.3
#: [line heights] Distance above and below within which lines tell where the gutter is.
NEIGHBOURHOOD = 6.0
#: [share of the gutter of the lines near it] Width without ink in a line that is cut, at least.
INKLESS_GUTTER = 0.5
#: [ratio] The same to the height of the line.
INKLESS_WIDTH = 0.3
#: [share of a column of pixels] Most ink of what is paper with specks.
SPECKS = 0.05

# Printed rules, as they are found in the image. Set by hand; part of the 6.39 % above.

#: [pixels] Height of a line in the reduced image: a hairline is still visible.
REDUCED_LINE_HEIGHT = 20.0
#: [grey levels] Least contrast to the paper, of 255.
RULE_CONTRAST = 24
#: [line heights] Thickest rule. What is thicker is a picture or the edge of the page.
RULE_THICKNESS = 0.7
#: [line heights] Shortest run of dark pixels: letters that touch make shorter ones.
RULE_RUN = 1.5
#: [line heights] Farthest distance between pieces of one rule, along it and across.
RULE_PIECES_APART, RULE_PIECES_ASIDE = 3.0, 0.4
#: [line heights] Shortest rules. The strokes of titles are as tall as the title.
SHORTEST_HORIZONTAL_RULE, SHORTEST_VERTICAL_RULE = 2.5, 4.0
#: [share of a line's height] What is taken off both sides of a line where its letters hide rules:
#: letters that touch make runs, too. An underline is no letter.
LETTERS_EDGE = 0.1
