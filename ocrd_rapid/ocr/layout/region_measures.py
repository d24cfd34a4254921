# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The measures of regions: what counts as a paragraph, a heading, a footnote, a page number.

Units are those of `measures`.
"""

from __future__ import annotations

# Roles of rows (`row_roles`). Measured as boundaries found, docs/quality.md, "Regions".

#: [line heights] Indentation that is none for sure, and one that is for sure.
NO_INDENT, SURE_INDENT = 0.25, 0.6
#: [line heights] Largest indentation of the first row of a paragraph.
LARGEST_INDENT = 10.0
#: [line heights] Difference of the distances of a centred row from both margins: one that is none,
#: and one that is.
CENTRED_ROW_OFF = (0.7, 1.5)
#: [share of the block's width] Least indentation of a row in the right half.
ASIDE_INDENT = 0.35
#: [rows] Fewest whose indentation is a habit.
HABIT_ROWS = 3
#: [nats] An indentation that is not the usual one; a centred row where it is.
OTHER_INDENT, CENTRED_INDENT = 2.0, 1.0
#: [nats] A row whose box sticks out of its paragraph to the left.
ROW_OVERSHOOT = 3.0
#: [share of the rows] Fewest of which the right ends show whether text is justified.
FULL_ROWS = 0.35
#: [ratio] Of the largest distance of right ends that go on to that of the least short ones.
RAGGED_USUAL = 8.0
#: [line heights] Least and largest distance from the margin of the right ends of rows that go on.
RAGGED_LEAST, RAGGED_MOST = 0.6, 6.0
#: [share of the block's width] Largest one.
RAGGED_WIDTH = 0.3
#: [nats] What is next to impossible.
UNLIKELY = 6.0
#: [nats] A row that begins a region.
BEGINNING = 1.0
#: [nats] Another way to set rows than before: as prose, hanging, as verse, centred.
SWITCH = 1.5
#: [nats] A paragraph without indentation; a hanging one of one row.
FLUSH_FIRST_ROW, LONE_HANGING_ROW = 1.5, 1.5
#: [nats] Hanging paragraphs at two levels, one after the other.
OTHER_LEVEL = 1.5
#: [nats] A row that goes on and is short; one that ends a paragraph and is full, or short.
SHORT_INNER_ROW, FULL_LAST_ROW, SHORT_LAST_ROW = 3.0, 1.6, 0.2
#: [share of the block's width] Usual distance between the ends of short and of long verses.
FREE_SPREAD = 0.35
#: [nats] A row of verse, at the left edge of one of the two rows above, or elsewhere.
FREE_ROW, FREE_INDENT = 0.4, 1.2
#: [nats] A paragraph in a block where last rows are no shorter than the others.
FULL_LAST_ROWS = 2.0
#: [nats] A row of verse that is shorter than others by twice that.
VERY_SHORT_ROW = 2.0
#: [nats] A row in the middle, in the right half.
CENTRED_ROW, ASIDE_ROW = 0.2, 0.5
#: [line heights] Least and largest deviation of gaps that are alike.
LEAST_WHITE_NOISE, LARGEST_WHITE_NOISE = 0.06, 0.2
#: [nats] White inside of a region, for each such deviation beyond the second.
WHITE_INSIDE = 2.0
#: [ratio] Natural logarithm of that of the heights of two rows of one size.
SAME_SIZE = 0.22
#: [nats] Letters of two sizes in a region, for a ratio whose logarithm is larger by 1.
RESIZED_INSIDE = 40.0
#: [nats] The first row of a block, for each role: its paragraph may have begun before.
FIRST_ROLE = (0.0, 0.5, 0.0, 0.5, 0.5, 0.5, 0.0, 0.0)

# Regions of a column. Measured as boundaries found, docs/quality.md, "Regions".

#: [ratio] Of the heights of all rows before to all rows after, where notes follow the text.
NOTES_SIZE_CHANGE = 1.12
#: [rows] Number on either side that shows the margin, as pages are not perfectly straight.
MARGIN_ROWS = 6
#: [line heights] Widest row that stands alone at the head or foot of a block (a page number), and
#: its least indentation on both sides.
LONE_ROW_WIDTH, LONE_ROW_INDENT = 4.5, 2.0
#: [line heights] Gap that makes the pieces of a row regions, if the row is alone, or the first or
#: last of its block.
ROW_GAP = 1.5

# Types of regions. Measured as page numbers, footnotes, running heads and paragraphs told apart,
# docs/quality.md, "Regions".

#: [ratio] Largest height of a region of one row, to that of its letters.
SINGLE_ROW_HEIGHT = 1.8
#: [line heights] Widest page number.
PAGE_NUMBER_WIDTH = 4.5
#: [ratio] Least white between a page number and the running head in one line with it, to the height
#: of the line.
PAGE_NUMBER_GAP = 3.0
#: [line heights] Least distance of a page number from the text.
PAGE_NUMBER_DISTANCE = 0.2
#: [line heights] Least distance of a footer from the text.
FOOTER_DISTANCE = 3.0
#: [line heights] Largest distance of a running head in pieces from the margins of the page.
HEAD_ROW_INDENT = 1.5
#: [ratio] Height of the letters of a heading, at least, to the usual one.
HEADING_SIZE = 1.3
#: [rows] Largest number of rows of a heading.
HEADING_ROWS = 4
#: [lines] Fewest of a region that shows where a column begins and ends.
TEXT_ROWS = 3
#: [line heights] Least indentation, on both sides, of the last row of a heading in letters of the
#: usual size, and largest difference between them in each row.
HEADING_INDENT, HEADING_OFF = 1.0, 1.2
#: [line heights] Largest white between a heading, or a caption, and what follows.
HEADING_DISTANCE = 3.0
#: [line heights] Least white above a heading at the left margin, beyond that below it unless the
#: heading is larger than the text.
HEADING_WHITE = 0.5
#: [line heights] Largest white below a heading in the middle, beyond that above it.
HEADING_WHITE_BELOW = 0.4
#: [line heights] Largest white below such a heading in letters of the usual size, beyond the gap
#: between lines.
HEADING_NEAR = 0.3
#: [ratio] Height of the letters of a heading that is a little larger, to the usual one.
LARGER_HEADING = 1.1
#: [share of the column's width] Widest heading of one row in letters of the usual size.
HEADING_WIDTH = 0.75
#: [ratio] Height of the letters of a caption, at most, to the usual one.
CAPTION_SIZE = 0.95
#: [ratio] The same where white of this height, in line heights, beyond the gap between lines parts
#: it from the text below.
CAPTION_USUAL_SIZE, CAPTION_WHITE_BELOW = 1.05, 0.4
#: [lines] Largest number of lines of a caption.
CAPTION_ROWS = 4
#: [line heights] Least height of a picture above a caption.
CAPTION_WHITE = 5.0
#: [line heights] Largest distance of the end of a catchword from the right margin.
CATCHWORD_INDENT = 1.0
#: [ratio] Height of the letters of a footnote, at most, to the usual one.
FOOTNOTE_SIZE = 0.93
#: [share of the page's width] Least width of a column where either smaller letters or a short rule
#: make a footnote; in narrower ones it takes both.
FOOTNOTE_COLUMN = 0.4
#: [line heights] Narrowest footnote. Anything narrower at the foot of a page is a signature mark.
FOOTNOTE_WIDTH = 3.0
#: [share of the footnote's width] Longest rule above it, and farthest beginning of this rule; other
#: rules separate columns.
FOOTNOTE_RULE_WIDTH, FOOTNOTE_RULE_INDENT = 0.7, 0.25

# Initial letters (`initials`). No page to look at has any: made of constructed pages.

#: [line heights] Least and largest height of an initial letter.
INITIAL_HEIGHT = (1.7, 6.0)
#: [ratio] Largest width, to its height.
INITIAL_WIDTH = 1.5
#: [line heights] Least and largest distance of the lines to its right.
INITIAL_DISTANCE = (-0.5, 1.5)
#: [rows] Fewest beside it.
INITIAL_ROWS = 2
#: [line heights] Largest distance of its left edge from that of the line below it.
INITIAL_OFF = 0.6
