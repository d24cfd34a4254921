"""Text recognition: from the image of a line to its text.

* ``recognizer``: a PP-OCR recognition network with one or more heads;
* ``pieces``: lines that are wider than a network's input should be;
* ``head_choice``: which of several heads reads a line best;
* ``head_files``: heads as files;
* ``characters``: the characters of a model's classes;
* ``alphabets``: characters of languages and scripts;
* ``words``: words and glyphs of a line.
"""
