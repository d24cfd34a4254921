# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines as images: cut out of a page for recognition.

* ``line_outlines``: outlines of detected lines, in the form of PAGE;
* ``baselines``: outlines for lines with nothing but a baseline;
* ``crops``: lines cut out, upright and straight;
* ``line_reading``: lines read, and set upright where nothing else tells how;
* ``bands``: the rows of a line's text, found by the ink;
* ``curves``: the course of curved lines, and their straightening;
* ``neighbours``: ink of other lines in the image of a line.
"""
