"""From PAGE to what people read.

* ``pages``: the pages that are exported, their order, and the names of their files;
* ``text``: plain text in reading order.
"""
