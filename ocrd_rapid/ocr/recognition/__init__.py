# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Text recognition: from the image of a line to its text.

* ``recognizer``: reads the lines of a page with a PP-OCR recognition network; ``head_reader``:
  reads one of them, or a part; ``line_input``: lines as networks take them; ``line_model``: such a
  network, its heads, and the layers that only some lines need;
* ``automatic_recognizer``: chooses among several models;
* ``line_readings``: all readings of a line, and the one that is made of them;
* ``ctc_decoding``: from its distributions over characters to text; ``column_figures``: what else
  they say; ``undecided_signs``: signs that their neighbours decide;
* ``calibration``: from probabilities to confidences;
* ``pieces``: reads lines that are too wide for a network in pieces;
* ``head_choice``: chooses the head that reads a line best; ``unread_ink``: what a head leaves out;
* ``script_choice``: tells the scripts of words; ``word_scripts``: settles them by the readings;
  ``word_crops``: words that are read alone; ``script_reading``: joins the readings of a line in
  several scripts; ``unread_scripts``: says what nothing reads;
* ``head_files``: heads as files;
* ``characters``: the characters of a model's classes;
* ``alphabets``: characters of languages and scripts;
* ``visual_order``: characters from left to right as printed, and in logical order;
* ``syllable_order``: the same for the syllables of Indic scripts, and letters of Hangul;
* ``arabic_letters``: Arabic letters as they look, and as languages spell them;
* ``logical_lines``: lines that were read, in logical order;
* ``abbreviations``: what the abbreviations of early prints stand for;
* ``words``: words and glyphs of a line.
"""
