# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Selection of pages by the expressions of ``--page-id``, as in OCR-D core 3.13.3.

An expression is a list of tokens with commas between them; a comma cannot be escaped, not even
within a regular expression. A token is, from left to right:

* ``physical:`` or ``logical:``, if only the attributes of pages or of logical divisions count;
  further ``id:``, ``order:``, ``orderlabel:``, ``label:`` or ``contentids:`` (physical), ``id:``,
  ``dmdid:``, ``type:`` or ``label:`` (logical), if only this attribute counts;
* ``~``, if its pages are excluded (from all pages, if there are only such tokens);
* the value of the attribute: ``//`` and a regular expression for the whole of it, a range
  ``A..B``, or the value itself.

A range counts the last number of its start, with as many digits; its end need not exist. A
value, and each value of a range, stands for the first page that has it; a regular expression for
all of them. A logical division stands for the pages that are linked to it.

A token without the name of an attribute still refers to one: pages are tried in their order, and
their attributes in the order above, physical before logical ones; the first match decides.

The result is in the order of the METS, with every page once. Core processes nothing when the
expression is empty; here it means all pages, like a missing one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ..errors import UsageError
from .contents import Structure

_PHYSICAL = ("id", "order", "orderlabel", "label", "contentids")
_LOGICAL = ("id", "dmdid", "type", "label")

#: Core does not count in these: they are words.
_UNCOUNTED = (("logical", "type"), ("logical", "label"))

_LAST_NUMBER = re.compile(r"^(.*?)(\d{1,4000})(\D*)$", re.DOTALL)

#: Kind (``physical`` or ``logical``) and name.
_Attribute = tuple[str, str]

_ATTRIBUTES: tuple[_Attribute, ...] = (
    *(("physical", name) for name in _PHYSICAL),
    *(("logical", name) for name in _LOGICAL),
)


@dataclass(frozen=True)
class _Token:
    """A parsed token.

    Attributes:
        text: the token as typed.
        attributes: the attributes that may match, in the order of preference.
        negative: whether its pages are excluded.
        fits: tells whether a value matches.
        once: whether a value stands only for the first page that has it.
        start: the start of a range, which must exist.
    """

    text: str
    attributes: tuple[_Attribute, ...]
    negative: bool
    fits: Callable[[str], bool]
    once: bool
    start: str | None = None


def select_pages(expression: str | None, structure: Structure) -> list[str]:
    """Return the IDs of the pages that an expression selects.

    Args:
        expression: value of ``--page-id``; ``None`` or empty selects all pages.
        structure: pages and logical divisions of the METS.

    Raises:
        UsageError: tokens are malformed or select no page.
    """
    pages = [page.id for page in structure.pages]
    if not expression:
        return pages
    tokens = [_parse(text) for text in expression.split(",")]
    index = _Index.of(structure)
    found = [index.select(token) for token in tokens]
    missing = [token.text for token, selected in zip(tokens, found, strict=True) if not selected]
    if missing:
        raise UsageError(_complaint(missing, pages))
    pairs = list(zip(tokens, found, strict=True))
    wanted = _union(selected for token, selected in pairs if not token.negative)
    unwanted = _union(selected for token, selected in pairs if token.negative)
    if all(token.negative for token in tokens):
        wanted = set(pages)
    return [page for page in pages if page in wanted - unwanted]


def _union(sets: Iterable[set[str]]) -> set[str]:
    return set[str]().union(*sets)


def _complaint(missing: list[str], pages: list[str]) -> str:
    named = ", ".join(f"'{token}'" for token in dict.fromkeys(missing))
    verb = "matches" if len(missing) == 1 else "match"
    shown = ", ".join(pages[:3]) + (", …" if len(pages) > 3 else "")
    return f"--page-id: {named} {verb} none of the pages ({shown or 'none'})"


@dataclass(frozen=True)
class _Index:
    """Values of the attributes: by page in their order, and of divisions with their pages."""

    physical: Mapping[str, Mapping[str, str]]
    logical: Mapping[str, Mapping[str, tuple[str, ...]]]

    @classmethod
    def of(cls, structure: Structure) -> _Index:
        logical: dict[str, dict[str, tuple[str, ...]]] = {name: {} for name in _LOGICAL}
        for division in structure.divisions:
            for name in _LOGICAL:
                value = getattr(division, name)
                if value:
                    logical[name][value] = logical[name].get(value, ()) + division.pages
        physical = {
            page.id: {name: getattr(page, name) for name in _PHYSICAL} for page in structure.pages
        }
        return cls(physical, logical)

    def select(self, token: _Token) -> set[str]:
        """Return the pages of a token; no pages if the start of its range has none."""
        attribute = self._attribute(token)
        if attribute is None:
            return set()
        kind, name = attribute
        if kind == "logical":
            hits = {v: set(pages) for v, pages in self.logical[name].items() if token.fits(v)}
        else:
            hits = {}
            for page, values in self.physical.items():
                value = values[name]
                if token.fits(value) and not (token.once and value in hits):
                    hits.setdefault(value, set()).add(page)
        if token.start is not None and not hits.get(token.start):
            return set()
        return _union(hits.values())

    def _attribute(self, token: _Token) -> _Attribute | None:
        """Return the attribute that a token refers to: the first that matches on the first page."""
        divisions = {name: any(map(token.fits, values)) for name, values in self.logical.items()}
        for values in self.physical.values():
            for kind, name in token.attributes:
                if token.fits(values[name]) if kind == "physical" else divisions[name]:
                    return kind, name
        return None


def _parse(text: str) -> _Token:
    attributes, rest = _split_prefix(text)
    negative = rest.startswith("~")
    rest = rest.removeprefix("~")
    if not rest or rest == "//":
        raise UsageError(f"--page-id: '{text}' is not complete: it names no page")
    if rest.startswith("//"):
        try:
            pattern = re.compile(rest[2:])
        except (re.error, OverflowError, RecursionError) as error:
            raise UsageError(
                f"--page-id: invalid regular expression '{rest[2:]}': {error}"
            ) from error

        def matches(value: str) -> bool:
            return pattern.fullmatch(value) is not None

        return _Token(text, attributes, negative, matches, once=False)
    if ".." in rest:
        countable = tuple(a for a in attributes if a not in _UNCOUNTED)
        start = rest.partition("..")[0]
        return _Token(text, countable, negative, _range(rest), once=True, start=start)
    return _Token(text, attributes, negative, rest.__eq__, once=True)


def _split_prefix(text: str) -> tuple[tuple[_Attribute, ...], str]:
    """Return the attributes that a token may refer to, and the token without its prefix."""
    kind, colon, rest = text.partition(":")
    if not colon or kind not in ("physical", "logical"):
        return _ATTRIBUTES, text
    name, colon, value = rest.partition(":")
    if colon and (kind, name) in _ATTRIBUTES:
        return ((kind, name),), value
    return tuple(a for a in _ATTRIBUTES if a[0] == kind), rest


def _range(text: str) -> Callable[[str], bool]:
    start, _, end = text.partition("..")
    first, last = _LAST_NUMBER.match(start), _LAST_NUMBER.match(end)
    if first is None or last is None:
        raise UsageError(f"--page-id: range '{text}' has no number to count")
    if (first[1], first[3]) != (last[1], last[3]) or int(first[2]) > int(last[2]):
        raise UsageError(f"--page-id: '{text}' is not a range from a lower to a higher number")
    low, high, width = int(first[2]), int(last[2]), len(first[2])

    def inside(value: str) -> bool:
        match = _LAST_NUMBER.match(value)
        if match is None or (match[1], match[3]) != (first[1], first[3]):
            return False
        number = int(match[2])
        return low <= number <= high and match[2] == f"{number:0{width}d}"

    return inside
