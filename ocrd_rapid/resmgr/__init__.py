"""The resource manager: which models exist, where they are, and how they get there.

* ``catalogue``: the bundled database, ``resource_list.yml``;
* ``database``: the user's database, shared with OCR-D core;
* ``locations``: directories and the search path;
* ``installed``: what is there;
* ``sources``: how to fetch bytes from ``https:``, files and wheels;
* ``urls``: resources that parameters name by URL, kept in the user's cache;
* ``integrity``: sizes and hashes;
* ``download``: the sequence from a name to an installed file.

It knows nothing of OCR.
"""
