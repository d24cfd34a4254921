# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Plain data from YAML and JSON that anybody may have written.

Only strings, numbers, booleans, null, lists and maps come out: no dates, no sets, no objects.
Depth, size and the expansion of aliases are limited, so that no text costs more than a second or
two, or ends in anything but a value or the documented error.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import yaml

#: Most characters of a text.
MAX_SIZE = 16 << 20
#: Most lists and maps within each other.
MAX_DEPTH = 64
#: Most values in all; those behind an alias count each time.
MAX_VALUES = 500_000

_BOOLEANS = {
    **dict.fromkeys(("yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
}
_NULLS = {"", "~", "null", "Null", "NULL"}
#: YAML 1.1, as OCR-D core and OmegaConf write it; without numbers of base 60.
_INTEGER = re.compile(
    r"[-+]?(?:0b[01_]*[01][01_]*|0x[0-9a-fA-F_]*[0-9a-fA-F][0-9a-fA-F_]*|[0-9][0-9_]*)"
)
_FLOAT = re.compile(r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]{1,4})?")
#: A number with more digits than this is of no use here, and stays text.
_MOST_DIGITS = 40
#: First characters of a plain scalar that is not a string.
_NOT_TEXT = frozenset("+-.0123456789yYnNtTfFoO~")


def parse_yaml(text: str) -> Any:
    """Parse one YAML document, by the fast parser where PyYAML has it.

    Scalars are read as YAML 1.1 has them, but dates, times, infinity, and numbers too long to be
    used are strings.

    Raises:
        yaml.YAMLError: it is not YAML, or not plain data, or too large or too deep.
    """
    import yaml

    if len(text) > MAX_SIZE:
        raise yaml.YAMLError(f"more than {MAX_SIZE} characters")
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
        try:
            return _Builder(loader.get_event).document()
        finally:
            loader.dispose()
    except (ValueError, OverflowError) as error:  # invalid characters
        raise yaml.YAMLError(f"not YAML: {error}") from error


def parse_json(text: str) -> Any:
    """Parse strict JSON, without ``NaN``, ``Infinity`` or ``1e999``.

    Raises:
        ValueError: it is not JSON, or too deep, or has a number that is too long.
    """

    def reject(constant: str) -> None:
        raise ValueError(f"{constant} is not JSON")

    def finite(digits: str) -> float:
        value = float(digits)
        if not math.isfinite(value):
            raise ValueError(f"the number {digits[:40]} is too large")
        return value

    deep = f"more than {MAX_DEPTH} lists and objects within each other"
    try:
        value = json.loads(text, parse_constant=reject, parse_float=finite)
    except RecursionError:
        raise ValueError(deep) from None
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [item for parent in level for item in _items(parent)]
        if not level:
            return value
    raise ValueError(deep)


def _items(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


class _Open:
    """A list or map that is not complete yet."""

    __slots__ = ("anchor", "before", "key", "value")

    def __init__(self, value: list[Any] | dict[Any, Any], anchor: str | None, before: int) -> None:
        self.value = value
        self.anchor = anchor
        self.before = before
        self.key: Any = _NO_KEY


_NO_KEY = object()
_MERGE = object()


class _Builder:
    """Builds values out of the events of a parser, without recursion."""

    def __init__(self, next_event: Callable[[], yaml.Event]) -> None:
        self._next = next_event
        self._open: list[_Open] = []
        self._result: Any = None
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._count = 0

    def document(self) -> Any:
        """Return the value of the one document."""
        import yaml

        documents = 0
        while True:
            event: Any = self._next()
            kind = type(event)
            if kind is yaml.ScalarEvent:
                event.value.encode("utf-8")  # the parser in Python accepts halves of characters
                value = _scalar(event)
                self._count += 1
                if event.anchor is not None:
                    self._anchors[event.anchor] = (value, 1)
                merge = value == "<<" and not event.style
                self._add(_MERGE if merge and self._awaits_key() else value, event)
            elif kind in (yaml.SequenceStartEvent, yaml.MappingStartEvent):
                self._begin([] if kind is yaml.SequenceStartEvent else {}, event)
            elif kind in (yaml.SequenceEndEvent, yaml.MappingEndEvent):
                self._end(event)
            elif kind is yaml.AliasEvent:
                self._add(self._alias(event), event)
            elif kind is yaml.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    raise _error("more than one document", event)
            elif kind is yaml.StreamEndEvent:
                return self._result

    def _awaits_key(self) -> bool:
        if not self._open:
            return False
        return isinstance(self._open[-1].value, dict) and self._open[-1].key is _NO_KEY

    def _begin(self, value: list[Any] | dict[Any, Any], event: Any) -> None:
        tag = "seq" if isinstance(value, list) else "map"
        if event.tag not in (None, "!", f"tag:yaml.org,2002:{tag}"):
            raise _error(f"{event.tag[:60]} is not plain data", event)
        if len(self._open) >= MAX_DEPTH:
            raise _error(f"more than {MAX_DEPTH} lists and maps within each other", event)
        if self._awaits_key():
            raise _error("a list or map cannot be a key", event)
        if event.anchor is not None:
            self._anchors.pop(event.anchor, None)  # it may not be used before it is complete
        self._count += 1
        self._open.append(_Open(value, event.anchor, self._count))

    def _end(self, event: Any) -> None:
        done = self._open.pop()
        if done.anchor is not None:
            self._anchors[done.anchor] = (done.value, self._count - done.before + 1)
        self._add(done.value, event)

    def _alias(self, event: Any) -> Any:
        if event.anchor not in self._anchors:
            raise _error(f"alias {event.anchor[:60]} stands for nothing, or for itself", event)
        value, weight = self._anchors[event.anchor]
        self._count += weight
        return value

    def _add(self, value: Any, event: Any) -> None:
        if self._count > MAX_VALUES:
            raise _error(f"more than {MAX_VALUES} values, those of aliases included", event)
        if not self._open:
            self._result = value
            return
        top = self._open[-1]
        if isinstance(top.value, list):
            top.value.append(value)
        elif top.key is _NO_KEY:
            if not isinstance(value, Hashable):
                raise _error("a list or map cannot be a key", event)
            top.key = value
        elif top.key is _MERGE:
            top.key = _NO_KEY
            _merge(top.value, value, event)
        else:
            top.value[top.key] = value
            top.key = _NO_KEY


def _merge(target: dict[Any, Any], value: Any, event: Any) -> None:
    """Merge the values of ``<<: *alias`` into a map, whose own values take precedence."""
    sources = value if isinstance(value, list) else [value]
    if not all(isinstance(source, dict) for source in sources):
        raise _error("<< takes a map, or a list of them", event)
    for source in sources:
        for key, item in source.items():
            target.setdefault(key, item)  # what comes later in the map itself replaces it


def _scalar(event: Any) -> Any:
    """Return the value of a scalar.

    Raises:
        yaml.YAMLError: it does not fit its tag, or the tag is not one of plain data.
    """
    text, tag = event.value, event.tag
    if tag is None or tag == "!":
        plain = not event.style and tag is None
        return _resolved(text) if plain and (not text or text[0] in _NOT_TEXT) else text
    kind = tag.removeprefix("tag:yaml.org,2002:")
    value = text if kind == "str" else _resolved(text)
    fits = {
        "str": True,
        "int": type(value) is int,
        "float": type(value) in (int, float),
        "bool": type(value) is bool,
        "null": value is None,
    }.get(kind)
    if fits is None:
        raise _error(f"{tag[:60]} is not plain data", event)
    if not fits:
        raise _error(f"'{text[:40]}' is not a valid {kind}", event)
    return float(value) if kind == "float" else value


def _resolved(text: str) -> Any:
    """Return the value of a plain scalar by its form: null, a boolean, a number, or else text."""
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if len(text) > _MOST_DIGITS:
        return text
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        value = float(text.replace("_", ""))
        return value if math.isfinite(value) else text
    return text


def _integer(text: str) -> int | str:
    digits = text.replace("_", "")
    unsigned = digits.lstrip("+-")
    if unsigned[:2] in ("0b", "0x"):
        return int(digits, 0)
    if unsigned[0] == "0" and len(unsigned) > 1:  # octal, as YAML 1.1 has it
        return int(digits, 8) if not set(unsigned) & {"8", "9"} else text
    return int(digits)


def _error(problem: str, event: Any) -> yaml.YAMLError:
    import yaml

    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
