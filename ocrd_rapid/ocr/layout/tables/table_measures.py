# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The measures of tables and of columns of numbers, with units as in `measures`.

Set by hand on typeset pages with and without tables, see docs/quality.md, "Tables".
"""

from __future__ import annotations

# Rows and columns.

#: [line heights] Distance of the middles of two lines that begins a row.
ROW_STEP = 0.35
#: [share of the narrower line] Overlap in width of two lines that are not in one row.
STACKED = 0.3
#: [line heights] Narrowest white between two columns without a rule: wider than a word space.
COLUMN_WHITE = 0.5
#: [share of the rows with text on both sides] Most lines across the white between two columns.
ACROSS_WHITE = 0.25
#: [share of the rows] Fewest with text on both sides of the white.
ROWS_BESIDE = 0.3
#: [share of the rows] Fewest with text in a column.
COLUMN_FILLED = 0.1
#: [line heights] Overhang into the next column from which a cell spans both.
CELL_OVERHANG = 0.6
#: [share of the table's height] Shortest rule that separates two columns, its pieces together.
COLUMN_RULE = 0.5
#: [line heights] Largest distance of pieces of a rule, of rules that meet, of equal ends of rules.
RULES_MEET = 1.0
#: [share of the table's width] Shortest rule that separates two rows, its pieces together.
ROW_RULE = 0.6
#: [ratio] Distance of two rows, to that of the nearest ones, from which they are not one row of
#: cells of several lines.
ROW_DISTANCE = 1.2
#: [share of the rows] Fewest at such a distance.
DISTANT_ROWS = 0.25
#: [line heights] Most white above the second line of a cell, beyond that between lines of the page.
LOOSE_LINES = 0.25

# Candidates.

#: [line heights] Widest line that shows a table or a column of numbers; wider ones show text.
SHORT_LINE = 9.0
#: [line heights] Largest distance of two lines of a column of a table, one below the other.
LINE_STEP = 2.5
#: [line heights] Largest distance of the left or right edges, or of the middles, of such lines.
EDGES_APART = 0.6
#: [line heights] Shortest rule that separates columns of text, and never those of a table that is
#: shown by nothing but its numbers.
COLUMN_SEPARATOR = 12.0
#: [share of the rows on either side of white] Fewest with text on both: else it parts columns of
#: text.
SHARED_ROWS = 0.75
#: [lines] Fewest of a table.
TABLE_LINES = 6
#: [rows] Fewest of a table in a grid of rules, and fewest columns; the same of any other.
GRID_ROWS, GRID_COLUMNS = 2, 2
TABLE_ROWS, TABLE_COLUMNS = 3, 3

#: [line heights] Largest usual width of a line of a table.
CELL_WIDTH = 14.0

#: [line heights] Least white between a table and the text above it, where no rule parts them.
ABOVE_WHITE = 1.0
#: [rows] Most of the head of a table.
HEAD_ROWS = 2

# Evidence.

#: [share of the rows] Fewest that fill a column that counts.
FULL_COLUMN = 0.3
#: [share of the lines] Most that are much larger than the others.
LARGE_LINES = 0.1
#: [line heights] Least usual width of the lines of a column of phrases. If most columns are so, or
#: rules part the columns, and few columns are of numbers, rules must part half of the rows.
WORDS_WIDTH = 7.0
#: [line heights] Narrowest column of running text, by its usual line.
TEXT_COLUMN = 12.0
#: [share of a column's width] Usual width of the lines of running text.
TEXT_FILL = 0.8
#: [lines] Fewest lines of running text below each other.
TEXT_LINES = 3
#: [line heights] Gap from which one line does not go on in the next.
TEXT_GAP = 0.75
#: [line heights] Widest usual line of a column of numbers.
NUMBER_WIDTH = 6.0
#: [line heights] Largest usual distance of their right edges from the median of these.
NUMBER_SPREAD = 0.3
#: [ratio] Least evidence of a table, see `table_evidence.evidence`.
EVIDENCE = 2.2

#: [line heights] Most that a rule above and below a table is shorter than it.
FRAME_OVERHANG = 2.0
#: [share of the columns but one] Fewest columns of numbers where no rules show a table.
NUMBER_COLUMNS = 0.6
#: [share of the width of a candidate] Least width of a line alone in its row that is not part of a
#: table.
WIDE_ROW = 0.6
#: [share of its width] The same in a grid of rules, which may go on beyond a text.
FULL_ROW = 0.9

# Rows of a label and a number.

#: [line heights] Widest number beside a label: lines of notes and of narrow columns are wider.
ROW_NUMBER_WIDTH = 4.5
#: [rows] Fewest of a column of numbers beside labels.
NUMBER_ROWS = 3
#: [share of the numbers] Fewest with a label in their row.
NUMBERS_LABELED = 0.8

# Fields of a form.

#: [share of a side of a box] Least part with a printed rule: labels hide what they touch.
BOX_SIDE = 0.4
#: [line heights] Highest text of a row of fields.
FIELD_HEIGHT = 5.0
#: [ratio] Largest height of their lines, to the usual one.
FIELD_LETTERS = 1.8
