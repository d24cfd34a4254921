"""Lines as images: what is cut out of a page for recognition.

* ``bands``: the rows that the text of a line takes, by its ink;
* ``curves``: curved lines and how they are straightened;
* ``neighbours``: ink of other lines in the image of a line.
"""
