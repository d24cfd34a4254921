# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Edit distance of two texts, by characters and by words, and confusions of characters.

The edit distance is Levenshtein's: insertions, deletions and substitutions, each of cost 1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from rapidfuzz.distance import Levenshtein

from .normalization import Normalization, characters

#: Character of the reference and of the text; one is empty for an insertion or deletion.
Confusion = tuple[str, str]


@dataclass(frozen=True)
class Comparison:
    """The errors of one text, or of several together: comparisons can be added.

    Attributes:
        length: characters of the reference.
        edits: minimum number of characters to insert, delete or replace.
        words: words of the reference, separated by white space.
        word_edits: the same as ``edits``, for whole words.
        bag_edits: the same as ``word_edits``, with the words in any order.
        confusions: how often each pair of characters was edited; the counts add up to ``edits``.
    """

    length: int = 0
    edits: int = 0
    words: int = 0
    word_edits: int = 0
    bag_edits: int = 0
    confusions: Mapping[Confusion, int] = field(default_factory=dict)

    def __add__(self, other: Comparison) -> Comparison:
        return Comparison.total((self, other))

    @classmethod
    def total(cls, comparisons: Iterable[Comparison]) -> Comparison:
        """Return the sum of comparisons, whose rates are not the mean of their rates."""
        parts = list(comparisons)
        confusions: Counter[Confusion] = Counter()
        for one in parts:
            confusions.update(one.confusions)
        return cls(
            length=sum(one.length for one in parts),
            edits=sum(one.edits for one in parts),
            words=sum(one.words for one in parts),
            word_edits=sum(one.word_edits for one in parts),
            bag_edits=sum(one.bag_edits for one in parts),
            confusions=dict(confusions),
        )

    @property
    def character_error_rate(self) -> float | None:
        """``edits / length``, which may exceed 1; ``None`` if the reference is empty."""
        return _rate(self.edits, self.length)

    @property
    def word_error_rate(self) -> float | None:
        """``word_edits / words``; ``None`` if the reference is empty."""
        return _rate(self.word_edits, self.words)

    @property
    def bag_error_rate(self) -> float | None:
        """``bag_edits / words``: the word error rate without the order of words."""
        return _rate(self.bag_edits, self.words)

    def most_confused(self, count: int | None = None) -> list[tuple[Confusion, int]]:
        """Return the most frequent confusions, or all; those equally frequent by code points."""
        return sorted(self.confusions.items(), key=lambda item: (-item[1], item[0]))[:count]


@dataclass(frozen=True)
class Piece:
    """A stretch of an alignment.

    Attributes:
        reference: characters of the reference; empty for an insertion in the text.
        text: characters of the text; empty for a deletion.
        same: whether both are equal.
    """

    reference: tuple[str, ...]
    text: tuple[str, ...]
    same: bool


def compare_texts(
    reference: str, text: str, normalization: Normalization | None = None
) -> Comparison:
    """Return the errors of a text.

    Args:
        reference: the correct text.
        text: the text to compare with it.
        normalization: applied to both first; the default is NFC, with white space collapsed.
    """
    rules = normalization or Normalization()
    return compare_normalized(rules.apply(reference), rules.apply(text))


def compare_normalized(reference: str, text: str) -> Comparison:
    """Return the errors of a text, compared with its reference without normalization."""
    expected, found = characters(reference), characters(text)
    confusions = Counter(
        (
            expected[edit.src_pos] if edit.tag != "insert" else "",
            found[edit.dest_pos] if edit.tag != "delete" else "",
        )
        for edit in Levenshtein.editops(expected, found)
    )
    words, found_words = reference.split(), text.split()
    return Comparison(
        length=len(expected),
        edits=confusions.total(),
        words=len(words),
        word_edits=Levenshtein.distance(words, found_words),
        bag_edits=_bag_distance(words, found_words),
        confusions=dict(confusions),
    )


def align(reference: str, text: str) -> Iterator[Piece]:
    """Yield the alignment of a text with its reference, from beginning to end.

    Its edits are those that `compare_normalized` counts.
    """
    expected, found = characters(reference), characters(text)
    for part in Levenshtein.opcodes(expected, found):
        yield Piece(
            tuple(expected[part.src_start : part.src_end]),
            tuple(found[part.dest_start : part.dest_end]),
            part.tag == "equal",
        )


def _bag_distance(words: list[str], others: list[str]) -> int:
    """Return the edit distance for the best order of the words."""
    expected, found = Counter(words), Counter(others)
    return max((expected - found).total(), (found - expected).total())


def _rate(edits: int, length: int) -> float | None:
    return edits / length if length else None
