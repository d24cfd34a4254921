# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The signs of syllables, Indic and Korean: as in Unicode, and as printed.

In Unicode, a vowel sign follows the consonants that it belongs to; some are printed before them,
some on both sides (ো is ে before and া after them). If the first consonant of several is r, it is
printed as one hook at the end of the syllable, the *reph*: in printed order, one character, `REPH`.
In Khmer and Burmese, an r that ends a cluster of consonants is printed before it.

Heads can read a syllable of Hangul by its letters; in Unicode's text, it is one character.

Source: the Unicode Standard, 15.1, chapters 12, 13, 16 and 18, and its property
Indic_Positional_Category. Thai and Lao are in printed order in Unicode.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

#: A reph in printed order, of whatever script; private use, as Unicode has no character for it.
REPH = "\U000f0d4e"

#: A character with the indices of the characters that it comes from.
Sign = tuple[str, tuple[int, ...]]

#: What asks for a conjunct, or against it, between two consonants.
_JOINER, _NON_JOINER = "\u200d", "\u200c"
#: The pattern that nothing matches.
_NEVER = "(?!)"


@dataclass(frozen=True)
class SyllableOrder:
    """How the syllables of a script are printed; the strings are patterns.

    Attributes:
        cluster: the consonants of a syllable.
        before: a vowel sign that is printed before the cluster.
        after: a vowel sign that is printed elsewhere.
        split: vowel signs of two parts, with the part before the cluster and that after it.
        rephs: the letters that are printed as a reph; the last are the usual ones.
        medial: what is printed before the cluster that it follows.
        tail: what stands between the cluster and the vowel signs otherwise.
    """

    cluster: str
    before: str
    after: str = _NEVER
    split: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    rephs: tuple[str, ...] = ()
    medial: str = _NEVER
    tail: str = ""

    @cached_property
    def logical(self) -> re.Pattern[str]:
        """The pattern of a syllable in the order of Unicode."""
        reph = f"(?:{'|'.join(self.rephs)})(?={self.cluster})" if self.rephs else _NEVER
        vowel = "|".join((self.before, *self.split))
        return re.compile(
            f"(?P<reph>{reph})?(?P<cluster>{self.cluster})(?P<medial>{self.medial})?"
            f"(?P<tail>{self.tail})(?P<vowel>{vowel})?(?P<after>(?:{self.after})*)"
        )

    @cached_property
    def visual(self) -> re.Pattern[str]:
        """The pattern of a syllable as printed."""
        return re.compile(
            f"(?P<vowel>{self.before})?(?P<medial>{self.medial})?(?P<cluster>{self.cluster})"
            f"(?P<tail>{self.tail})(?P<after>(?:{self.after})*)(?P<reph>{REPH})?"
        )

    def printed(self, found: re.Match[str]) -> str:
        """Return a syllable as printed; ``found`` is a match of `logical`."""
        part = found.groupdict("")
        before, behind = self.split.get(part["vowel"], (part["vowel"], ""))
        reph = REPH if part["reph"] else ""
        return "".join(
            (before, part["medial"], part["cluster"], part["tail"], behind, part["after"], reph)
        )

    def spelled(self, found: re.Match[str]) -> Iterator[Sign]:
        """Return the characters of a syllable in the order of Unicode, with their indices.

        Args:
            found: a match of `visual`.
        """
        if found["reph"]:
            letters = next((r for r in self.rephs[:-1] if r[0] in found.string), self.rephs[-1])
            yield from ((letter, (found.start("reph"),)) for letter in letters)
        for name in ("cluster", "medial", "tail"):
            yield from _signs(found, name)
        vowel, after = _signs(found, "vowel"), _signs(found, "after")
        wholes = [
            (len(right), sign)
            for sign, (left, right) in self.split.items()
            if found["vowel"] == left and found["after"].startswith(right)
        ]
        if wholes:
            length, sign = max(wholes)
            parts = [*vowel, *after[:length]]
            vowel, after = [(sign, tuple(i for _, [i] in parts))], after[length:]
        yield from vowel
        yield from after


def _signs(found: re.Match[str], name: str) -> list[Sign]:
    """Return the characters of a group of a match, with their indices."""
    return [(letter, (found.start(name) + i,)) for i, letter in enumerate(found[name] or "")]


def _class(codes: Iterable[int]) -> str:
    """Return the pattern of one of several characters."""
    return f"[{''.join(map(chr, codes))}]"


def _letters(first: int, last: int) -> str:
    """Return the pattern of a letter, not a sign, between two code points."""
    return _class(c for c in range(first, last + 1) if unicodedata.category(chr(c)) == "Lo")


def _halves(codes: Iterable[int]) -> dict[str, tuple[str, str]]:
    """Return vowel signs of two parts with their parts, which are their decomposition."""
    parts = ((chr(code), unicodedata.normalize("NFD", chr(code))) for code in codes)
    return {sign: (both[0], both[1:]) for sign, both in parts}


def _indic(
    block: int,
    before: Sequence[int],
    split: Sequence[int] = (),
    *,
    rephs: Sequence[int] = (),
) -> SyllableOrder:
    """Return the order of a script whose block has the layout of ISCII, as that of Devanagari.

    Args:
        block: its first code point; the others are counted from there.
        before: the vowel signs that are printed before the cluster.
        split: the vowel signs of two parts.
        rephs: the letters that are printed as a reph, before a virama.
    """
    virama = chr(block + 0x4D)
    link = f"[{_JOINER}{_NON_JOINER}]?{virama}{_JOINER}?"
    letter = f"{_letters(block, block + 0x7F)}{chr(block + 0x3C)}?"
    signs = {*range(0x3E, 0x4D), 0x4F, 0x55, 0x56, 0x57, 0x62, 0x63} - {*before, *split}
    return SyllableOrder(
        cluster=f"{letter}(?:{link}{letter})*",
        before=_class(block + sign for sign in before) if before else _NEVER,
        after=_class(block + sign for sign in sorted(signs)),
        split=_halves(block + sign for sign in split),
        rephs=tuple(chr(block + letter) + virama for letter in rephs),
    )


#: The letters of Tamil; its virama is printed, as a dot, but in one conjunct, of k and ss.
_TAMIL = _letters(0x0B80, 0x0BFF)
#: The letters of Sinhala; a joiner makes one cluster of two.
_SINHALA = _letters(0x0D80, 0x0DFF)
_BURMESE = (
    "[\u1000-\u102a\u103f\u1050-\u1055\u105a-\u105d\u1061\u1065\u1066\u106e-\u1070"
    "\u1075-\u1081\u108e\uaa60-\uaa76\uaa7a]"
)
_KHMER = "[\u1780-\u17b3]"

#: The scripts whose printed order differs, by the first and the last code point of their blocks.
ORDERS: Mapping[tuple[int, int], SyllableOrder] = {
    # Devanagari
    (0x0900, 0x097F): _indic(0x0900, [0x3F, 0x4E], rephs=[0x30]),
    # Bengali; the first r is that of Assamese.
    (0x0980, 0x09FF): _indic(0x0980, [0x3F, 0x47, 0x48], [0x4B, 0x4C], rephs=[0x70, 0x30]),
    # Gurmukhi
    (0x0A00, 0x0A7F): _indic(0x0A00, [0x3F]),
    # Gujarati
    (0x0A80, 0x0AFF): _indic(0x0A80, [0x3F], rephs=[0x30]),
    # Oriya
    (0x0B00, 0x0B7F): _indic(0x0B00, [0x47], [0x48, 0x4B, 0x4C], rephs=[0x30]),
    # Tamil
    (0x0B80, 0x0BFF): SyllableOrder(
        cluster=f"(?:\u0b95\u0bcd\u0bb7|{_TAMIL})",
        before="[\u0bc6-\u0bc8]",
        after="[\u0bbe-\u0bc2\u0bd7]",
        split=_halves([0x0BCA, 0x0BCB, 0x0BCC]),
    ),
    # Kannada
    (0x0C80, 0x0CFF): _indic(0x0C80, [], rephs=[0x30]),
    # Malayalam
    (0x0D00, 0x0D7F): _indic(0x0D00, [0x46, 0x47, 0x48], [0x4A, 0x4B, 0x4C]),
    # Sinhala
    (0x0D80, 0x0DFF): SyllableOrder(
        cluster=f"{_SINHALA}(?:(?:\u0dca{_JOINER}|{_JOINER}\u0dca){_SINHALA})*",
        before="[\u0dd9\u0ddb]",
        after="[\u0dca\u0dcf-\u0dd8\u0ddf\u0df2\u0df3]",
        split=_halves([0x0DDA, 0x0DDC, 0x0DDD, 0x0DDE]),
        rephs=(f"\u0dbb\u0dca{_JOINER}",),
    ),
    # Burmese and its relatives
    (0x1000, 0x109F): SyllableOrder(
        cluster=f"(?:\u1004\u103a\u1039)?{_BURMESE}(?:\u1039{_BURMESE})*\u103b?",
        before="[\u1031\u1084]",
        medial="\u103c",
        tail="[\u103d\u103e\u105e-\u1060\u1082]*",
    ),
    # Khmer
    (0x1780, 0x17FF): SyllableOrder(
        cluster=f"{_KHMER}[\u17c9-\u17cc]*(?:\u17d2(?!\u179a){_KHMER})*",
        before="[\u17c1-\u17c3]",
        after="[\u17b6-\u17c0\u17c5]",
        split={
            "\u17c4": ("\u17c1", "\u17b6"),
            **{part: ("\u17c1", part) for part in "\u17be\u17bf\u17c0\u17c5"},
        },
        medial="\u17d2\u179a",
        tail="[\u17c9-\u17cc]*",
    ),
}

#: Letters that a syllable of Hangul is composed of: initial, vowel, final.
_INITIALS, _VOWELS, _FINALS = "\u1100-\u1112", "\u1161-\u1175", "\u11a8-\u11c2"
_HANGUL = re.compile(
    f"[{_INITIALS}][{_VOWELS}][{_FINALS}]?|[{_INITIALS}{_VOWELS}{_FINALS}]"
)  # fmt: skip
_CONCERNED = re.compile(
    "[" + "".join(f"{chr(a)}-{chr(b)}" for a, b in ORDERS) + _INITIALS + _VOWELS + _FINALS + "]"
)


def has_syllables(text: str) -> bool:
    """Return whether a text may have syllables that differ between Unicode and print."""
    return _CONCERNED.search(text) is not None


def is_hangul(text: str) -> bool:
    """Return whether a character is a syllable of Hangul."""
    return "\uac00" <= text <= "\ud7a3"


def _of(text: str) -> list[SyllableOrder]:
    """Return the orders of the scripts of a text."""
    if not has_syllables(text):
        return []
    codes = sorted(set(map(ord, text)))
    return [o for (first, last), o in ORDERS.items() if any(first <= c <= last for c in codes)]


def printed_syllables(text: str) -> str:
    """Return a text, in NFC, with the characters of every syllable in printed order."""
    for order in _of(text):
        text = order.logical.sub(order.printed, text)
    return text


def spelled_syllables(text: str) -> list[Sign]:
    """Return the characters of a printed text with those of every syllable in Unicode's order.

    Args:
        text: as `printed_syllables` returns it.

    Returns:
        The characters, each with the indices in ``text`` of those that it comes from.
    """
    signs: list[Sign] = [(letter, (i,)) for i, letter in enumerate(text)]
    for order in _of(text):
        # A pattern matches in one script, so nothing has changed where it does.
        signs = list(_spelled(order, signs))
    return list(_composed(signs))


def _spelled(order: SyllableOrder, signs: Sequence[Sign]) -> Iterator[Sign]:
    """Return signs with the syllables of one script in Unicode's order."""
    text, done = "".join(letter for letter, _ in signs), 0
    for found in order.visual.finditer(text):
        yield from signs[done : found.start()]
        for letter, indices in order.spelled(found):
            yield letter, tuple(j for i in indices for j in signs[i][1])
        done = found.end()
    yield from signs[done:]


def _composed(signs: Sequence[Sign]) -> Iterator[Sign]:
    """Return signs with the letters of Hangul put together; those without others stand alone."""
    text, done = "".join(letter for letter, _ in signs), 0
    for found in _HANGUL.finditer(text):
        begin, end = found.span()
        yield from signs[done:begin]
        letters = unicodedata.normalize("NFC", found[0])
        if end - begin == 1:
            # The letter itself, which fonts draw, not a part of a syllable.
            letters = unicodedata.lookup(f"HANGUL LETTER {unicodedata.name(letters).split()[-1]}")
        yield letters, tuple(j for _, indices in signs[begin:end] for j in indices)
        done = end
    yield from signs[done:]
