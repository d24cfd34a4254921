"""Edit distance of two texts, by characters and by words, and which characters were confused.

The edit distance is that of Levenshtein: insertions, deletions and substitutions, each of cost 1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from rapidfuzz.distance import Levenshtein

from .normalisation import Normalisation, characters

#: Character of the reference and of the text; one of them is empty where nothing stands for it.
Confusion = tuple[str, str]


@dataclass(frozen=True)
class Comparison:
    """The errors of one text, or of several together: comparisons can be added.

    Attributes:
        length: characters of the reference.
        edits: fewest characters to insert, delete or replace that make the text the reference.
        words: words of the reference: what stands between white space.
        word_edits: as ``edits``, of whole words.
        bag_edits: as ``word_edits``, if the words could stand in any order.
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
        """Return the sum: what all texts count together, not the mean of their rates."""
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
        """``edits / length``, may exceed 1; ``None`` if the reference is empty: undefined."""
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
        """Return the most frequent confusions, or all; those of one frequency by code points."""
        return sorted(self.confusions.items(), key=lambda item: (-item[1], item[0]))[:count]


@dataclass(frozen=True)
class Piece:
    """A stretch of an alignment.

    Attributes:
        reference: characters of the reference; empty where the text has something too much.
        text: characters of the text; empty where it lacks something.
        same: whether both are equal.
    """

    reference: tuple[str, ...]
    text: tuple[str, ...]
    same: bool


def compare_texts(
    reference: str, text: str, normalisation: Normalisation | None = None
) -> Comparison:
    """Compare a text with its reference.

    Args:
        reference: how it should read.
        text: how it reads.
        normalisation: what both go through first; the default is NFC, with white space collapsed.
    """
    rules = normalisation or Normalisation()
    return compare_normalised(rules.apply(reference), rules.apply(text))


def compare_normalised(reference: str, text: str) -> Comparison:
    """Compare texts as they are; words are what stands between white space."""
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
    """Yield how a text and its reference correspond, from the beginning to the end.

    It is the alignment whose edits `compare_normalised` counts.
    """
    expected, found = characters(reference), characters(text)
    for part in Levenshtein.opcodes(expected, found):
        yield Piece(
            tuple(expected[part.src_start : part.src_end]),
            tuple(found[part.dest_start : part.dest_end]),
            part.tag == "equal",
        )


def _bag_distance(words: list[str], others: list[str]) -> int:
    """Return the edit distance that the best order of the words would have."""
    expected, found = Counter(words), Counter(others)
    return max((expected - found).total(), (found - expected).total())


def _rate(edits: int, length: int) -> float | None:
    return edits / length if length else None
