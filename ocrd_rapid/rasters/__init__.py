"""Image files: the only way in to the pixels of a file, for all of the program.

* ``formats``: the formats that are read, told by how a file begins, and what other files are;
* ``opening``: opens a file of one of them, within bounds on pixels, memory and time;
* ``tiffs``: the number of pages of a TIFF; ``plugins``: Pillow's decoders, without its own limit;
* ``load_image``: from paths, bytes, arrays and Pillow's images to BGR.

Nothing here starts another program, whatever a file holds.
"""
