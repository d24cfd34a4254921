# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Text detection: from an image to the boxes of its lines.

* ``detector``: a PP-OCR detection network, and boxes from its output;
* ``kernels``: areas of lines in that output, and lines that run together in it;
* ``strips``: runs the network on large inputs part by part;
* ``ink``: places with ink that the network has missed.
"""
