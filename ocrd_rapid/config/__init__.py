# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What can be configured: tool descriptions, parameter schemas, environment variables.

* ``tools``: the tool descriptions in ``ocrd-tool.json``; ``packaged``: JSON files of the package;
* ``parameters``: parameters of processors: reading, defaults, validation;
* ``complaints``: messages about a wrong parameter; ``similar``: the name that was probably meant;
* ``directories``: the user's directories for data, configuration and cache;
* ``environment``: environment variables; ``extras``: optional libraries.
"""
