# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Text recognition: from the image of a line to its text.

* ``recognizer``: a PP-OCR recognition network with one or more heads;
* ``ctc_decoding``: from its distributions over characters to text;
* ``calibration``: from probabilities to confidences;
* ``pieces``: reads lines that are too wide for a network in pieces;
* ``head_choice``: chooses the head that reads a line best;
* ``head_files``: heads as files;
* ``characters``: the characters of a model's classes;
* ``alphabets``: characters of languages and scripts;
* ``visual_order``: characters from left to right as printed, and in logical order;
* ``syllable_order``: the same for the syllables of Indic scripts;
* ``logical_lines``: lines that were read, in logical order;
* ``words``: words and glyphs of a line.
"""
