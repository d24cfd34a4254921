# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The characters of a head, and the initial weights of new ones.

A character is what a reader takes for one: a letter with its combining marks, such as ``aͤ``, is
one class even where Unicode has no code point for it. All text is in the normal form NFC.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest

import numpy as np

from ..evaluation.normalization import characters as graphemes
from ..inference.model import FloatArray
from ..inference.output_layers import (
    ContextLayer,
    LinearLayer,
    linear_part,
    with_linear_part,
)
from ..languages.scripts import script_of
from ..ocr.recognition.head_files import OTHER, Head
from ..ocr.recognition.visual_order import to_visual

#: What a new character looks like; the first of these that the head has gives its weights.
_LOOK_ALIKE: Mapping[str, str] = {
    "⸗": "=-", "„": "”\"“,", "‚": ",'", "‘": "'’", "’": "'‘", "“": "\"”", "”": "\"“", "»": "«>",
    "«": "»<", "›": ">", "‹": "<", "ꝛ": "2rz", "ſ": "fl", "ʒ": "z3", "Ʒ": "3Z", "ı": "i", "¬": "-⸗",
    "—": "–-", "–": "-—", "−": "-", "‐": "-", "‑": "-", "ꝑ": "p", "ꝓ": "p", "ꝗ": "q", "ꝙ": "q",
    "ꝫ": "3z", "ꝰ": "9", "ꝯ": "9", "⁊": "7", "ẞ": "ßB", "ß": "B", "ϰ": "κx", "ϑ": "θ", "ϕ": "φ",
    "ϱ": "ρ", "☞": "→", "·": ".", "•": "●·", "●": "•.", "†": "+t", "℔": "tb", "₰": "8d", "ℳ": "M",
    "Þ": "þP", "ð": "d", "…": ".", "⁄": "/", "ꝺ": "d", "Ꝛ": "R", "ƺ": "z", "ꞵ": "ßB", "´": "'",
    "`": "'", "′": "'", "″": "\"",
}  # fmt: skip
#: Letters above a letter stand for an umlaut in old types.
_MARK_ALIKE = {"\u0364": "\u0308", "\u0366": "\u030a", "\u0363": "\u0300"}

#: Signs of any script that print has: code points from .. to.
_COMMON = (
    (0x20, 0x7E), (0xA0, 0xBF), (0xD7, 0xD7), (0xF7, 0xF7), (0x2010, 0x205E), (0x2070, 0x209C),
    (0x20AC, 0x20AC), (0x2116, 0x2116), (0x2212, 0x2212), (0x2E00, 0x2E5D),
)  # fmt: skip


def normalize(text: str) -> str:
    """Return text in NFC, with single spaces between words and none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def as_printed(text: str) -> str:
    """Return the text of a line as heads learn it: normalized, from left to right as printed."""
    return to_visual(normalize(text))


def encode(text: str, classes: Mapping[str, int]) -> list[int] | None:
    """Return the indices of the classes of a text, or ``None`` if a character has no class.

    A letter with marks is one class, or, if it has none as a whole, the longest parts that have:
    the letter, several marks together, each mark. A syllable of Hangul can be its letters. A virama
    is part of the consonant behind it if both are one class, as where that stands below the line.
    """
    found: list[int] = []
    for grapheme in _with_subscripts(graphemes(text), classes):
        parts = _parts(grapheme, classes)
        if parts is None:
            parts = _parts(unicodedata.normalize("NFD", grapheme), classes)
        if parts is None:
            return None
        found += parts
    return found


def _with_subscripts(found: Sequence[str], classes: Mapping[str, int]) -> Iterator[str]:
    """Yield graphemes; viramas at the end of one go to the next one where that makes a class."""
    virama = ""
    for grapheme, behind in zip_longest(found, found[1:], fillvalue=""):
        grapheme = virama + grapheme
        virama = grapheme[-1] if behind and grapheme[-1] + behind[0] in classes else ""
        yield grapheme.removesuffix(virama)


def _parts(grapheme: str, classes: Mapping[str, int]) -> list[int] | None:
    found, begin = [], 0
    while begin < len(grapheme):
        ends = range(len(grapheme), begin, -1)
        end = next((end for end in ends if grapheme[begin:end] in classes), begin)
        if end == begin:
            return None
        found.append(classes[grapheme[begin:end]])
        begin = end
    return found


def class_indices(characters: Sequence[str]) -> dict[str, int]:
    """Return the index of the class of every character, without the blank, class 0."""
    return {character: i for i, character in enumerate(characters) if i and character}


def characters_of(texts: Iterable[str], extra: str = "") -> tuple[str, ...]:
    """Return the characters of a head that knows only those of texts, sorted.

    A letter with accents is one. Vowel signs and points are characters of their own: there are too
    many syllables to learn each by itself.

    Args:
        texts: the texts of the lines, as printed.
        extra: further characters of the head, which no text need contain.
    """
    found = {" "}
    for grapheme in {g for text in [*texts, normalize(extra)] for g in graphemes(text)}:
        # Unicode's combining classes from 200 are those of accents; vowel signs have others.
        accented = all(unicodedata.combining(mark) >= 200 for mark in grapheme[1:])
        found.update([grapheme] if accented else grapheme)
    return ("", *sorted(found))


def characters_for(texts: Iterable[str], start: Head, extra: str = "") -> tuple[str, ...]:
    """Return the characters of a head that goes on learning from texts.

    Those of the head where training begins come first, in their order, without those of scripts
    that neither the texts nor ``extra`` contain (Latin letters always stay). New ones follow,
    sorted.

    Args:
        texts: the texts of the lines, as printed.
        start: the head where training begins.
        extra: further characters of the head, which no text need contain.
    """
    wanted = set(characters_of(texts, extra)) - {""}
    # Names tell of punctuation, too, which script it comes from.
    names = {"LATIN", *(_first_word(c) for c in wanted if unicodedata.category(c[0])[0] == "L")}
    kept = [
        character
        for character in start.characters[1:]
        if character in wanted
        or _is_common(character)
        or _first_word(character) in names
        # A part of another head that is trained is no longer a part of it.
        or (character == OTHER and not start.stands_for)
    ]
    return ("", *kept, *sorted(wanted - set(kept)))


def main_script(texts: Iterable[str]) -> str:
    """Return the code of the script of most letters of texts; empty without letters."""
    counts = Counter(script_of(character) for text in texts for character in text)
    del counts[""]
    return max(counts, key=lambda script: (counts[script], script), default="")


def _first_word(character: str) -> str:
    """Return the first word of a character's name, that of its script if it has one."""
    return unicodedata.name(character[0], "").partition(" ")[0]


def _is_common(character: str) -> bool:
    return len(character) == 1 and any(a <= ord(character) <= b for a, b in _COMMON)


def extend(start: Head, characters: Sequence[str], base: Head | None = None) -> Head:
    """Return a head with other characters, as a point to begin training at.

    A character that the head has keeps its weights. Another is given those that it has in
    ``base``, else those of a character that looks like it, else the mean of all letters.

    Args:
        start: the head.
        characters: the character of every class; the blank comes first.
        base: another head, such as the network's own layer; it helps if both are linear.
    """
    sources = [
        (linear_part(head.layer), class_indices(head.characters))
        for head in (start, base)
        if head is not None and (head is start or not isinstance(start.layer, ContextLayer))
    ]
    output = sources[0][0]
    weights = [output.weights[:, 0]]
    bias = [float(output.bias[0])]
    for character in characters[1:]:
        column, offset = _initial(character, sources)
        weights.append(column)
        bias.append(offset)
    layer = with_linear_part(
        start.layer,
        LinearLayer(
            np.ascontiguousarray(np.stack(weights, axis=1), dtype=np.float32),
            np.array(bias, dtype=np.float32),
        ),
    )
    return replace(start, characters=tuple(characters), layer=layer, stands_for="")


def _initial(
    character: str, sources: Sequence[tuple[LinearLayer, Mapping[str, int]]]
) -> tuple[FloatArray, float]:
    for candidate in (character, *_similar(character)):
        for layer, classes in sources:
            index = classes.get(candidate)
            if index is not None:
                return layer.weights[:, index], float(layer.bias[index])
    layer = sources[0][0]
    return layer.weights[:, 1:].mean(axis=1), float(layer.bias[1:].mean())


def _similar(character: str) -> list[str]:
    """Return the characters that look like another one, the most similar first."""
    found = list(_LOOK_ALIKE.get(character, ""))
    plain = unicodedata.normalize("NFD", character)
    marked = "".join(_MARK_ALIKE.get(part, part) for part in plain)
    found.append(unicodedata.normalize("NFC", marked))
    found.append(plain[0])
    found += _LOOK_ALIKE.get(plain[0], "")
    compatible = unicodedata.normalize("NFKD", character)
    found += [compatible, *compatible[:1]]
    found += [character.lower(), character.upper()]
    return found
