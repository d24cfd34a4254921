# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Image files: the only way to the pixels of a file, for the whole program.

* ``formats``: the supported formats, told by how a file begins, and the kinds of other files;
* ``opening``: opening a file of one of them, within limits on pixels, memory and time;
* ``tiffs``: the number of pages of a TIFF; ``plugins``: Pillow's decoders, without its own limit;
* ``headers``: size, orientation and resolution as the file says; ``encoding``: files to write;
* ``load_image``: from paths, bytes, arrays and Pillow's images to BGR.

Nothing here starts another program, whatever a file contains.
"""
