"""How far text is from ground truth: character and word error, confusions, reports.

    >>> from ocrd_rapid.evaluation import compare_texts
    >>> result = compare_texts("Haus und Hof", "Haus vnd Hof")
    >>> result.edits, result.length, dict(result.confusions)
    (1, 12, {('u', 'v'): 1})

Nothing here knows of command lines; `ocrd_rapid.cli.evaluate` is the command.
"""

from .comparison import Comparison, compare_texts
from .normalisation import Normalisation

__all__ = ["Comparison", "Normalisation", "compare_texts"]
