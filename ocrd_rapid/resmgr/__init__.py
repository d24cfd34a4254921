# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The resource manager: which models exist, where they are, and how they get there.

* ``resource``: one entry of a database of resources;
* ``catalogue``: the bundled database, ``resource_list.yml``; ``toolfile``: its JSON forms;
* ``database``: the user's database, shared with OCR-D core;
* ``discovery``: the installed processors and their resources;
* ``known``: the resources known to all of these together; ``model_languages``: those of them
  that read a language;
* ``locations``: directories and the search path;
* ``installed``: the resources on this machine; ``records``: their hashes;
* ``sources``: bytes from ``https:``, files and wheels; ``archives``: unpacked safely;
* ``integrity``: sizes and hashes;
* ``download``: the sequence from a name to an installed file;
* ``url_cache``: resources that a parameter names by URL;
* ``bundles``: resources carried to a machine without a network;
* ``maintenance``: verify and remove installed resources.

It knows nothing about OCR.
"""
