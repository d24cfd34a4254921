# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Layout: from the boxes of lines to regions in reading order.

* ``segmentation``: lines and printed rules of a page, laid out whichever way the text runs;
* ``directions``: whether text runs across or down;
* ``fused_lines``: cuts lines that reach across columns;
* ``printed_rules``: rules printed between columns and articles;
* ``flattening``: positions without the skew, the bend and the lean of the page;
* ``sheet``: a flat page, the input of the other steps;
* ``arrangement``: from lines to regions in reading order;
* ``columns``: gutters between columns, with the evidence for each;
* ``row_cuts``: cuts across columns, with the evidence for each;
* ``column_feet``: feuilletons under the first columns, read last;
* ``initials``: initial letters several lines high;
* ``margin_notes``: notes in the margins of a column;
* ``regions``: from a column to paragraphs and headings;
* ``row_roles``: what each row of a column is: the first of a paragraph, a further one, …;
* ``region_places``: where a region is among the others;
* ``region_types``: paragraph, heading, footnote, …;
* ``blocks_beside``: blocks of a few lines side by side;
* ``reading_units``: lines, rows with numbers, blocks in a row and tables, each read as a whole;
* ``tables``: tables, and columns of numbers beside text;
* ``right_to_left``: orders with columns from right to left;
* ``order``: the order of regions once their text is known;
* ``region_measures``: the constants of regions and their types;
* ``measures``: the other constants of these modules, with their units.
"""
