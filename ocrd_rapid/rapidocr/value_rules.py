# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Rules for the values of a configuration's keys, one value each.

A rule converts a value from YAML, JSON or a person into the value to use, or rejects it. Text that
spells a value (``"true"``, ``"4"``, ``"null"``) counts as that value: it comes from quoted YAML and
from environment variables.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field
from typing import Any

#: The keys of `dataclasses.field` metadata.
RULE, ALIAS, INTERNAL = "rule", "alias", "internal"

_TRUE, _FALSE = {"true", "yes", "on"}, {"false", "no", "off"}


#: Largest number in a configuration, and largest number of characters of a value in a message.
_LARGEST, _LONGEST = 1e18, 200


class Refused(Exception):
    """A rule rejects a value."""


@dataclass(frozen=True)
class ValueRule:
    """A rule for the values of a key.

    Attributes:
        read: returns the value to use, or raises `Refused`.
        demand: a sentence that tells the allowed values.
        null: whether the key may be null.
        kind: HKMC's name of the type, if its messages name it.
    """

    read: Callable[[Any], Any]
    demand: str
    null: bool = False
    kind: str = ""

    def __call__(self, value: Any) -> Any:
        """Return the value to use.

        Raises:
            Refused: the value is not allowed.
        """
        if value is None or (isinstance(value, str) and value.strip().lower() in ("null", "")):
            if self.null:
                return None
            raise Refused
        return self.read(value)

    def complaint(self, key: str, value: Any) -> str:
        """Return HKMC's message that a value is not allowed; ``key`` is only the last part."""
        if self.kind:
            return f"{_shown(value)} is not a valid {self.kind}. {self.demand}"
        return f"Invalid {key} configuration: {_shown(value)}. {self.demand}"


def setting(rule: ValueRule, default: Any = MISSING, **metadata: Any) -> Any:
    """Return a dataclass field with a rule."""
    return field(default=default, metadata={RULE: rule, **metadata})


def one_of(
    values: Sequence[str], noun: str = "value", *, null: bool = False, kind: str = ""
) -> ValueRule:
    """Return a rule for a choice; case matters, as in HKMC."""

    def read(value: Any) -> str:
        if value is False and "no" in values:  # YAML 1.1 reads the language code "no" as false
            value = "no"
        text = str(value)
        if isinstance(value, bool) or text not in values:
            raise Refused
        return text

    demand = f"Allowed values are: {', '.join(values)}."
    if not kind:
        demand += f" Please update your configuration file with a valid {noun}."
    return ValueRule(read, demand, null, kind)


def matching(matches: Callable[[str], object], examples: str, noun: str) -> ValueRule:
    """Return a rule for text of a certain form."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or not matches(value):
            raise Refused
        return value

    demand = (
        f"Allowed values are: {examples}."
        f" Please update your configuration file with a valid {noun}."
    )
    return ValueRule(read, demand)


def boolean(*, null: bool = False) -> ValueRule:
    """Return a rule for true and false."""

    def read(value: Any) -> bool:
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.strip().lower() in _TRUE | _FALSE:
            return value.strip().lower() in _TRUE
        raise Refused

    return ValueRule(read, f"Allowed values are: true, false{', null' if null else ''}.", null)


def integer(least: int, demand: str, *, most: int | None = None, auto: bool = False,
            null: bool = False) -> ValueRule:  # fmt: skip
    """Return a rule for whole numbers from ``least`` to ``most``, and -1 if ``auto``."""

    def read(value: Any) -> int:
        number = _number(value)
        if number != int(number):
            raise Refused
        if auto and number == -1:
            return -1
        if number < least or (most is not None and number > most):
            raise Refused
        return int(number)

    return ValueRule(read, demand, null)


def threads() -> ValueRule:
    """Return the rule for numbers of threads."""
    cores = os.cpu_count() or 1
    return integer(
        1,
        f"Must be between 1 and {cores} (available CPU cores), or -1 for automatic selection.",
        most=cores,
        auto=True,
    )


def count(*, auto: bool = False, null: bool = False) -> ValueRule:
    """Return a rule for positive whole numbers."""
    extra = ", or -1 for automatic selection" if auto else ", or null" if null else ""
    return integer(1, f"Must be a whole number of at least 1{extra}.", auto=auto, null=null)


def number(least: float, most: float = math.inf, *, null: bool = False, positive: bool = False,
           extra: tuple[float, ...] = ()) -> ValueRule:  # fmt: skip
    """Return a rule for numbers from ``least`` to ``most``; ``positive`` excludes ``least``."""

    def read(value: Any) -> float:
        found = _number(value)
        if found in extra:
            return found
        if not least <= found <= most or (positive and found == least):
            raise Refused
        return found

    span = f"between {least:g} and {most:g}" if most < math.inf else f"of at least {least:g}"
    span = f"greater than {least:g}" if positive else span
    others = "".join(f", or {value:g}" for value in extra) + (", or null" if null else "")
    return ValueRule(read, f"Must be a number {span}{others}.", null)


def numbers(length: int, demand: str, accept: Callable[[tuple[float, ...]], bool]) -> ValueRule:
    """Return a rule for a list of ``length`` numbers."""

    def read(value: Any) -> tuple[float, ...]:
        if isinstance(value, str) or not isinstance(value, Sequence) or len(value) != length:
            raise Refused
        found = tuple(_number(item) for item in value)
        if not accept(found):
            raise Refused
        return found

    return ValueRule(read, demand)


def shape(demand: str, accept: Callable[[tuple[float, ...]], bool]) -> ValueRule:
    """Return a rule for channels, height and width of a network's input."""
    inner = numbers(3, demand, lambda found: all(n == int(n) > 0 for n in found) and accept(found))
    return ValueRule(lambda value: tuple(int(n) for n in inner.read(value)), demand)


def labels(first: str, second: str) -> ValueRule:
    """Return a rule for a list of two labels, in either order."""

    def read(value: Any) -> tuple[str, ...]:
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise Refused
        found = tuple(str(item) for item in value)
        if sorted(found) != sorted((first, second)):
            raise Refused
        return found

    return ValueRule(read, f'Allowed values are: ["{first}", "{second}"], ["{second}", "{first}"].')


def path(*, null: bool = True) -> ValueRule:
    """Return a rule for the path of a file or directory, which need not exist."""

    def read(value: Any) -> str:
        if isinstance(value, (str, os.PathLike)):
            return os.fsdecode(value)
        raise Refused

    return ValueRule(read, "Must be a path, or null.", null)


def names(*, null: bool = False) -> ValueRule:
    """Return a rule for names, as a list or separated by commas; the result has commas."""

    def read(value: Any) -> str:
        parts = value if isinstance(value, (list, tuple)) else [value]
        # YAML 1.1 reads the language code "no" as false.
        parts = ["no" if part is False else part for part in parts]
        if not all(isinstance(part, str) for part in parts):
            raise Refused
        return ",".join(parts)

    return ValueRule(read, "Must be names, as a list or separated by commas.", null)


def text() -> ValueRule:
    """Return a rule for any text, or null."""

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise Refused
        return value

    return ValueRule(read, "Must be text, or null.", null=True)


def options() -> ValueRule:
    """Return a rule for a mapping that is passed on unchanged, or null."""

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise Refused
        scalars = (str, int, float, bool)
        if not all(isinstance(key, str) for key in value):
            raise Refused
        if not all(isinstance(item, scalars) for item in value.values()):
            raise Refused
        return dict(value)

    return ValueRule(
        read, "Must be a mapping of names to text, numbers, true or false; or null.", True
    )


def anything() -> ValueRule:
    """Return a rule for values that are ignored."""
    return ValueRule(lambda value: None, "", True)


def _shown(value: Any) -> str:
    """Return the form of a value for messages; large ones are shortened."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # a number of thousands of digits; a list in itself
        return f"a {type(value).__name__} that is too large"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _number(value: Any) -> float:
    """Return a finite number; whole ones stay whole."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise Refused from None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Refused
    if not -_LARGEST <= value <= _LARGEST:  # rejects NaN, too
        raise Refused
    return value
