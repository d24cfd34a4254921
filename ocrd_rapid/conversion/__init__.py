# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""From documents to files in any format: ``ocrd-rapid ocr``, and the same in Python.

A conversion is the chain of processors over a workspace of its own.
"""
