# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The version of this package, alone in a module so that the build can read it."""

__version__ = "0.1.0"
