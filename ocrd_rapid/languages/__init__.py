# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Languages and scripts: the names and codes that users may give, and what they mean.

* ``scripts``: the table of scripts;
* ``language_names``: the table of languages, and both by their names and codes.
"""
