"""From a file to a model that reads: its characters, its heads, and what adapts it.

* ``heads``: output layers given to a recognition model;
* ``keys``: the characters of a recognition model's classes;
* ``adapters``: models whose input or output differs from what `ocr` expects;
* ``cutting``: a recognition model with fewer characters, for good.
"""
