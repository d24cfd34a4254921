# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Export of PAGE-XML to formats for readers.

* ``pages``: the pages to export, their order, and the names of their files;
* ``text``: plain text in reading order.
"""
