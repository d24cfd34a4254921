# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines: found on a page, and cut out of it for recognition.

* ``found_lines``: the lines of an image, with their outlines on the page;
* ``line_outlines``: outlines of detected lines, in the form of PAGE;
* ``baselines``: outlines for lines with nothing but a baseline;
* ``crops``: lines cut out, upright and straight;
* ``line_reading``: lines read, and set upright where nothing else tells how;
* ``bands``: the rows of a line's text, found by the ink;
* ``curves``: the course of curved lines, and their straightening;
* ``neighbours``: ink of other lines in the image of a line.
"""
