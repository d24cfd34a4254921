"""How far text is from ground truth: character and word error, confusions, reports.

    >>> from ocrd_rapid.evaluation import compare_texts
    >>> result = compare_texts("Haus und Hof", "Haus vnd Hof")
    >>> result.edits, result.length, dict(result.confusions)
    (1, 12, {('u', 'v'): 1})

* ``normalisation``: the rules by which texts count as the same, and what one character is;
* ``comparison``: edit distance and confusions of two texts;
* ``matching``, ``text_matching``: pairs of lines, by outlines, or by their text alone;
* ``texts``: the text of a page and its lines;
* ``page_errors``: the errors of a page; ``evaluation``: those of all pages;
* ``pairs``: the files that are compared with each other;
* ``report``, ``html``: the result as a table, as JSON, as HTML.

Nothing here knows of command lines; `ocrd_rapid.cli.evaluate` is the command.
"""

from .comparison import Comparison, compare_texts
from .normalisation import Normalisation

__all__ = ["Comparison", "Normalisation", "compare_texts"]
