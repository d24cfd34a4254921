# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Messages about an invalid parameter: its name, its value, what is allowed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from .similar import did_you_mean

if TYPE_CHECKING:
    from jsonschema import ValidationError

_LONGEST = 80

_KINDS = {
    "array": "a list in brackets, such as [1, 2]",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "a JSON object",
    "string": "a string",
}

#: Requirements from the value of a JSON schema keyword, by the keyword that is violated.
_MUST: dict[str, Callable[[Any], str]] = {
    "enum": lambda allowed: f"be one of {_all(allowed)}",
    "exclusiveMaximum": lambda limit: f"be less than {limit}",
    "exclusiveMinimum": lambda limit: f"be more than {limit}",
    "maxItems": lambda count: f"have at most {count} items",
    "maximum": lambda limit: f"be at most {limit}",
    "maxLength": lambda count: f"have at most {count} characters",
    "minItems": lambda count: f"have at least {count} items",
    "minimum": lambda limit: f"be at least {limit}",
    "minLength": lambda count: f"have at least {count} characters",
    "multipleOf": lambda step: "be a whole number" if step == 1 else f"be a multiple of {step}",
    "pattern": lambda expression: f"match the regular expression {expression}",
    "type": lambda kinds: f"be {_kinds(kinds)}",
    "uniqueItems": lambda _: "not have an item twice",
}


def complaints(error: ValidationError, declared: Iterable[str]) -> list[str]:
    """Return the messages for an error of jsonschema.

    Args:
        error: from the validation of an object, whose properties are the parameters.
        declared: the names of all parameters.
    """
    value: Any = error.instance
    where = ".".join(map(str, error.absolute_path))
    if error.validator == "additionalProperties" and not where:
        known = set(declared)
        return [
            f"there is no parameter {name}{did_you_mean(name, known)}"
            for name in value
            if name not in known
        ]
    if error.validator == "required" and not where:
        # jsonschema has an error for each, and names it only in the message.
        missing = [name for name in declared if name not in value]
        return [f"parameter {name} is required" for name in missing if repr(name) in error.message]
    must = _MUST.get(str(error.validator))
    if must is None:
        return [f"parameter {where}: {error.message}"]
    allowed: Any = error.validator_value
    choices = _strings(allowed) if error.validator == "enum" and isinstance(value, str) else []
    hint = did_you_mean(value, choices) if choices else ""
    return [f"parameter {where} is {_shown(value)}, but must {must(allowed)}{hint}"]


def _strings(allowed: Any) -> list[str]:
    """Return the strings among the values that ``enum`` allows."""
    return [v for v in allowed if isinstance(v, str)] if isinstance(allowed, list) else []


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _all(values: Iterable[Any]) -> str:
    return ", ".join(str(v) if isinstance(v, str) and v else json.dumps(v) for v in values)


def _kinds(kinds: str | list[str]) -> str:
    names = [kinds] if isinstance(kinds, str) else kinds
    return " or ".join(_KINDS.get(name, name) for name in names)
