# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The order of the characters of a line: as in Unicode, and from left to right as printed.

Recognition models know *visual order*: the signs from left to right, brackets as they look, vowel
signs where they stand (`syllable_order`), Arabic letters as they look (`arabic_letters`). All else
has *logical order*, in which a text is read aloud. Unicode's bidirectional algorithm (UAX 9, by
python-bidi) leads from logical to visual order; a line runs from right to left if most of its
letters do, or if its region does so. In both orders, combining marks follow their letters.

The way back is not unique, as different texts may look alike. Letters that run against their line
are taken with all that lies between them, with numbers beside them, and with both brackets where
one is among them. So a text does not survive the way to visual order and back

* if a number comes before Latin letters in a line that runs from right to left, or behind Hebrew or
  Arabic ones in another: "95 Windows" looks like "Windows 95", and becomes it,
* if brackets beside such letters belong to the line and not to them,
* if it has invisible characters that change directions (they are lost), or syllables that are
  spelled in a way that Unicode does not recommend, such as two characters for one vowel,
* if its Arabic letters are not those of its language, or have joiners between them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

from ..text_direction import is_right_to_left, without_directions
from .arabic_letters import printed_letters, spelled_letters
from .syllable_order import printed_syllables, spelled_syllables

#: Bidirectional classes of what has no width and belongs to the character before.
_ATTACHED = ("NSM", "BN")
_RIGHT = ("R", "AL", "AN")
#: The first of 96 characters that the algorithm ignores. Three behind every character of a text are
#: the digits of its index, each of 32 of them.
_TAG = 0xE0020
#: Letters of both directions.
_LEFT_LETTER, _RIGHT_LETTER = "a", "\u05d0"


@dataclass(frozen=True)
class LogicalText:
    """A text in logical order.

    Attributes:
        text: its characters.
        origins: for every character, the indices of what it was made of in the text in visual
            order, at least one; the letters of a reph have the same.
        backwards: whether every character runs from right to left: brackets look as in a mirror.
    """

    text: str
    origins: tuple[tuple[int, ...], ...]
    backwards: tuple[bool, ...]


def to_visual(text: str, right_to_left: bool | None = None) -> str:
    """Return the characters of a line from left to right as printed.

    Args:
        text: the line in logical order.
        right_to_left: whether it runs so; ``None`` if most of its letters tell.

    Returns:
        Its characters in NFC; a vowel sign of two parts is two characters, a reph is `REPH`, and
        Arabic letters that look alike are one (`printed_letters`).
    """
    text = printed_letters(printed_syllables(unicodedata.normalize("NFC", text)))
    if not turns(text):
        return without_directions(text)
    units = _units(text)
    right = is_right_to_left(without_directions(text)) if right_to_left is None else right_to_left
    placed = _placed([unit[0] for unit in units], right)
    return without_directions("".join(mirrored(units[i]) if odd else units[i] for i, odd in placed))


def to_logical(visual: str, right_to_left: bool | None = None) -> LogicalText:
    """Return a line in logical order.

    Args:
        visual: its characters from left to right as printed, see `to_visual`.
        right_to_left: whether it runs from right to left; ``None`` if most of its letters tell.
    """
    letters = [(letter, i, False) for i, letter in enumerate(visual)]
    if turns(visual):
        right = is_right_to_left(visual) if right_to_left is None else right_to_left
        letters = list(_turned_back(visual, right))
    signs = spelled_letters(spelled_syllables("".join(letter for letter, _, _ in letters)))
    return LogicalText(
        "".join(sign for sign, _ in signs),
        tuple(tuple(letters[i][1] for i in indices) for _, indices in signs),
        tuple(letters[indices[0]][2] for _, indices in signs),
    )


def turns(text: str) -> bool:
    """Return whether a text has characters that may run from right to left."""
    return not text.isascii() and any(unicodedata.bidirectional(c) in _RIGHT for c in text)


def _units(text: str) -> list[str]:
    """Return the characters of a text, each with what is attached to it."""
    units: list[str] = []
    for character in text:
        if units and unicodedata.bidirectional(character) in _ATTACHED:
            units[-1] += character
        else:
            units.append(character)
    return units


def _placed(characters: Sequence[str], right: bool) -> list[tuple[int, bool]]:
    """Return the indices of the characters of a line from left to right.

    Args:
        characters: the line in logical order.
        right: whether it runs from right to left.

    Returns:
        The index of each, and whether it runs from right to left itself.
    """
    from bidi import get_display

    tagged = "".join(
        f"{' ' if unicodedata.bidirectional(character) in _ATTACHED else character}{_tags(index)}"
        for index, character in enumerate(characters)
    )
    # A last letter, as ignored characters at the end would have a place of their own.
    end, base = (_RIGHT_LETTER, "R") if right else (_LEFT_LETTER, "L")
    shown = get_display(tagged + end, base_dir=base)
    digits = [ord(c) - _TAG for c in shown if _TAG <= ord(c) < _TAG + 96]
    found = []
    for first, second, third in zip(digits[::3], digits[1::3], digits[2::3], strict=True):
        odd = first > third
        high, low = (third, first) if odd else (first, third)
        found.append(((high << 10) + (second - 32 << 5) + low - 64, odd))
    return found


def _tags(index: int) -> str:
    digits = (index >> 10, 32 + (index >> 5 & 31), 64 + (index & 31))
    return "".join(chr(_TAG + digit) for digit in digits)


def mirrored(text: str) -> str:
    """Return a text with every bracket, guillemet and the like as in a mirror."""
    from bidi.mirror import MIRRORED

    return "".join(MIRRORED.get(character, character) for character in text)


def _turned_back(visual: str, right: bool) -> Iterator[tuple[str, int, bool]]:
    """Return the characters of a line in logical order.

    Args:
        visual: the line in visual order.
        right: whether it runs from right to left.

    Returns:
        Each, with its index in visual order, and whether it runs from right to left.
    """
    units = _units(visual)
    begins = [0, *accumulate(map(len, units))]
    order = range(len(units))[::-1] if right else range(len(units))
    # A line from right to left is read like its image in a mirror; runs of Latin are then reversed.
    characters = [mirrored(units[i][0]) if right else units[i][0] for i in order]
    placed = _placed(_with_runs(characters, right), right)
    for i, odd in placed[::-1] if right else placed:
        index = order[i]
        unit = mirrored(units[index]) if odd else units[index]
        yield from ((letter, begins[index] + at, odd) for at, letter in enumerate(unit))


def _with_runs(characters: Sequence[str], right: bool) -> list[str]:
    """Return a line with letters in place of what has the direction of the letters beside it.

    Args:
        characters: the line in visual order, or mirrored if it runs from right to left.
        right: whether it does so.
    """
    found = list(characters)
    kinds = [unicodedata.bidirectional(character) for character in characters]
    for begin, end in _runs(characters, kinds, ("L",), _RIGHT):
        found[begin:end] = _LEFT_LETTER * (end - begin)
    if not right:
        for begin, end in _runs(found, kinds, _RIGHT, ("L",)):
            brackets = (
                i for i in range(begin, end) if unicodedata.category(found[i]) in ("Ps", "Pe")
            )
            for i in brackets:
                found[i] = _RIGHT_LETTER
    return found


def _runs(
    characters: Sequence[str], kinds: Sequence[str], inside: Sequence[str], outside: Sequence[str]
) -> Iterator[tuple[int, int]]:
    """Return where letters of one direction begin and end, with what belongs to them.

    Args:
        characters: those of the line.
        kinds: their bidirectional classes.
        inside: classes of the letters; numbers belong to letters from left to right.
        outside: classes of the letters that part runs from each other.
    """
    pairs = _pairs(characters)
    apart = {i for i, kind in enumerate(kinds) if kind in outside}
    # Brackets around letters of both directions part them, too.
    apart |= {i for pair in pairs for i in pair if apart.intersection(range(*pair))}
    for parted, members in groupby(range(len(kinds)), key=apart.__contains__):
        part = list(members)
        if parted or not any(kinds[i] in inside for i in part):
            continue
        own = [i for i in part if kinds[i] in inside or ("L" in inside and kinds[i] == "EN")]
        begin, end = own[0], own[-1] + 1
        # What terminates a number, such as a sign for percent, belongs to it.
        if kinds[begin] == "EN":
            while begin > part[0] and kinds[begin - 1] == "ET":
                begin -= 1
        if kinds[end - 1] == "EN":
            while end <= part[-1] and kinds[end] == "ET":
                end += 1
        for first, last in pairs:
            if part[0] <= first < last <= part[-1] and (
                begin <= first < end or begin <= last < end
            ):
                begin, end = min(begin, first), max(end, last + 1)
        yield begin, end


def _pairs(characters: Sequence[str]) -> list[tuple[int, int]]:
    """Return the places of brackets that belong together."""
    found, opened = [], []
    for i, character in enumerate(characters):
        category = unicodedata.category(character[0])
        if category == "Ps":
            opened.append(i)
        elif category == "Pe" and opened:
            found.append((opened.pop(), i))
    return found
