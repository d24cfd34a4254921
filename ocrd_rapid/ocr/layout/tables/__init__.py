# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Tables of a page, and columns of numbers beside text.

* ``table_finding``: the tables of a page;
* ``ruled_boxes``: fields of forms, closed by rules;
* ``table_candidates``: blocks of lines that may be tables;
* ``table_structure``: rows and columns of such a block;
* ``column_kinds``: columns of numbers and of running text;
* ``table_rows``: rows of cells of several lines, and the cells;
* ``table_evidence``: whether they explain it better than running text;
* ``number_columns``: columns of numbers, which belong to the rows beside them;
* ``table_outlines``: outlines of tables on the page;
* ``table_measures``: the constants of these modules, with their units.
"""
