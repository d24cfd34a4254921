# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The resources that read a language or a script, and the best model for it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from ..errors import UnknownResourceError
from ..languages.language_names import BY_NAME, Written, parse_languages
from .resource import MODEL_TYPES, Resource

#: RapidOCR's codes that are not in `BY_NAME`, or mean another language there.
_RAPIDOCR = {
    "ch": ("zho",),
    "ch_doc": ("zho",),
    "chinese_cht": ("zho",),
    "japan": ("jpn",),
    "eslav": ("rus", "ukr", "bel"),
    "ka": ("kan",),
    "rs_latin": ("hbs",),
}

#: A shorter name of a file says nothing about languages.
_SHORTEST_NAME = 3


@dataclass(frozen=True)
class WantedLanguage:
    """A language or a script for which a user wants a model.

    Attributes:
        name: what the user calls it.
        meanings: what that means: one, or several for some of RapidOCR's codes.
    """

    name: str
    meanings: tuple[Written, ...]

    def __str__(self) -> str:
        """Return its name for messages."""
        return ", ".join(map(str, self.meanings))

    @property
    def ambiguity(self) -> str:
        """What else the name means outside of RapidOCR; empty if nothing."""
        other = BY_NAME.get(self.name)
        if other is None or other in self.meanings:
            return ""
        name = next(n for n, each in BY_NAME.items() if each == other and n != self.name)
        return f"'{self.name}' is RapidOCR's code for {self}; for {other}, use {name}"


@dataclass(frozen=True)
class BestModel:
    """The model that reads a language best.

    Attributes:
        model: the model.
        reason: why, a part of a sentence.
    """

    model: Resource
    reason: str


def wanted_languages(texts: Iterable[str], option: str) -> list[WantedLanguage]:
    """Return the languages and scripts that a user names.

    Args:
        texts: names and codes of `BY_NAME`, or those of RapidOCR, which win; several are separated
            by commas.
        option: see `parse_languages`.

    Raises:
        ConfigurationError: a name is unknown.
    """
    names = [name for text in texts for name in parse_languages(text, option, also=_RAPIDOCR)]
    return [WantedLanguage(name, _meanings(name)) for name in dict.fromkeys(names)]


def _meanings(code: str) -> tuple[Written, ...]:
    """Return what one of RapidOCR's codes or a name of `BY_NAME` means; nothing for others."""
    names = _RAPIDOCR.get(code, (code,))
    return tuple(BY_NAME[name] for name in names if name in BY_NAME)


def reads(resource: Resource, wanted: WantedLanguage) -> bool:
    """Return whether a resource is for a language or script, as far as its entry tells.

    Entries of other packages have no languages, but files such as ``deu.traineddata`` tell by
    their names.
    """
    if resource.languages:
        return _distance(resource, wanted) is not None
    stem = PurePosixPath(resource.name).stem.lower()
    return len(stem) >= _SHORTEST_NAME and BY_NAME.get(stem) in wanted.meanings


def _distance(resource: Resource, wanted: WantedLanguage) -> int | None:
    """Return how far what a resource is for is from what is wanted.

    Returns:
        0 if it names all of it, 1 if it names scripts of languages, or languages of scripts, that
        are wanted; ``None`` if it is for something else.
    """
    named = {meaning for code in resource.languages for meaning in _meanings(code)}
    scripts = {meaning.scripts[0] for meaning in named if not meaning.language}
    letters = {meaning.scripts[0] for meaning in named}
    distances = [
        0 if meaning in named else 1
        for meaning in wanted.meanings
        if meaning in named or meaning.scripts[0] in (scripts if meaning.language else letters)
    ]
    return max(distances) if len(distances) == len(wanted.meanings) else None


def best_model(resources: Iterable[Resource], wanted: WantedLanguage) -> BestModel:
    """Return the model that reads a language best.

    That is one of the newest version; of several, one that names the language rather than its
    script; of several, one of the size that comes first in `MODEL_TYPES`.

    Args:
        resources: entries of the processor that recognizes; key files among them do not count.
        wanted: the language or script.

    Raises:
        UnknownResourceError: there is none.
    """
    found = [
        (-_generation(entry), distance, MODEL_TYPES.index(entry.model_type), entry)
        for entry in resources
        if entry.model_type and (distance := _distance(entry, wanted)) is not None
    ]
    if not found:
        raise UnknownResourceError(f"no model of the catalogue is for {wanted}")
    best = min(found, key=lambda each: each[:3])
    model = best[3]
    if len(found) == 1:
        return BestModel(model, f"the only model for {wanted}")
    reason = f"the newest ({model.version}) of {len(found)} models for {wanted}"
    newest = [each for each in found if each[0] == best[0]]
    if any(each[1] > best[1] for each in newest):
        reason += ", which it is made for"
    if any(each[1] == best[1] and each[3] != model for each in newest):
        reason += f", and of these the {model.model_type} one"
    return BestModel(model, reason)


def _generation(entry: Resource) -> int:
    """Return the number in the version of a model, such as 6 for ``PP-OCRv6``."""
    number = re.search(r"v(\d+)$", entry.version)
    return int(number[1]) if number else 0
