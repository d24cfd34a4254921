"""Lines as images: what is cut out of a page for recognition.

* ``line_outlines``: outlines of lines that are found, as PAGE has them;
* ``baselines``: outlines for lines with nothing but a baseline;
* ``crops``: lines cut out, upright and straight;
* ``line_reading``: lines set upright where nothing else says how, and read;
* ``bands``: the rows that the text of a line takes, by its ink;
* ``curves``: curved lines and how they are straightened;
* ``neighbours``: ink of other lines in the image of a line.
"""
