# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The distance of text from ground truth: error rates, confusions, reports.

    >>> from ocrd_rapid.evaluation import compare_texts
    >>> result = compare_texts("Haus und Hof", "Haus vnd Hof")
    >>> result.edits, result.length, dict(result.confusions)
    (1, 12, {('u', 'v'): 1})

* ``normalization``: the rules by which texts count as the same, and the unit of one character;
* ``comparison``: edit distance and confusions of two texts;
* ``matching``, ``text_matching``: pairs of lines, by outlines, or by their text alone;
* ``texts``: the text of a page and its lines;
* ``page_errors``: the errors of a page; ``evaluation``: the errors of all pages;
* ``pairs``: the pairs of files to compare; ``references``: documents as they are read against
  the reference of each page;
* ``report``, ``html``: the result as a table, as JSON, as HTML;
* ``estimate``, ``estimate_report``: the errors to be expected, without ground truth, and their
  report.

The command line is in `ocrd_rapid.cli.evaluate`.
"""

from .comparison import Comparison, compare_texts
from .normalization import Normalization

__all__ = ["Comparison", "Normalization", "compare_texts"]
