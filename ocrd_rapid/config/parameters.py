# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Processor parameters: reading ``-p`` and ``-P``, defaults, validation.

The rules are those of OCR-D core 3.13.3: ``-p`` takes a preset, a JSON file or JSON text and
may be repeated, the rightmost value of a key wins; ``-P KEY VALUE`` comes after all of them;
a ``VALUE`` that is JSON is taken as such, anything else as a string.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from ..errors import ParameterError
from ..plain_data import parse_json
from .complaints import complaints

#: Keys of a parameter in ocrd-tool.json that are documentation, not JSON schema.
_NOT_SCHEMA = frozenset({"description", "required", "cacheable", "content-type", "format"})

#: Characters that METS and PAGE, where parameters are recorded, cannot hold (XML 1.0).
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def parse_parameters(
    values: Iterable[str],
    overrides: Iterable[tuple[str, str]] = (),
    find_preset: Callable[[str], Path | None] = lambda name: None,
) -> dict[str, Any]:
    """Merge the values of ``-p`` and ``-P`` into one dictionary.

    Args:
        values: the values of ``-p``, from left to right.
        overrides: the pairs of ``-P``, from left to right.
        find_preset: looks up a preset by name among the resources of the processor.

    Raises:
        ParameterError: a value is neither a file nor a JSON object.
    """
    merged: dict[str, Any] = {}
    for value in values:
        merged.update(_read_parameter(value, find_preset))
    for key, text in overrides:
        merged[key] = parse_value(text)
    return merged


def parse_value(text: str) -> Any:
    """Return ``text`` read as JSON if it is JSON, else unchanged."""
    try:
        return parse_json(text)
    except ValueError:
        return text


def _read_parameter(value: str, find_preset: Callable[[str], Path | None]) -> dict[str, Any]:
    stripped = value.strip()
    if not stripped:
        return {}
    if stripped.startswith("{"):
        return _parse_object(stripped, origin="-p")
    path = find_preset(value) or Path(value.removeprefix("file://"))
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:  # not UTF-8, or NUL in the name
        raise ParameterError(
            f"-p: '{value}' is neither a JSON object nor a readable file or preset"
            f" ({getattr(error, 'strerror', None) or error})"
        ) from error
    return _parse_object(text, origin=str(path))


def _parse_object(text: str, origin: str) -> dict[str, Any]:
    # Not splitlines(): it would also split at separators that may be part of a string.
    lines = (line for line in text.split("\n") if not line.lstrip().startswith("#"))
    code = "\n".join(lines)
    if not code.strip():
        return {}
    try:
        value = parse_json(code)
    except ValueError as error:
        raise ParameterError(f"{origin}: not valid JSON: {error}") from error
    if not isinstance(value, dict):
        raise ParameterError(f"{origin}: not a JSON object: {code.strip()[:80]}")
    return value


def complete_parameters(
    given: Mapping[str, Any], tool: Mapping[str, Any], *, executable: str
) -> dict[str, Any]:
    """Validate parameters against a tool description and fill in its defaults.

    Returns a new dictionary: the given keys in their order, then the defaults in the order
    of their declaration (this order is what lands in METS and PAGE).

    Raises:
        ParameterError: a key or value is not allowed; the message names each, and what is allowed.
    """
    from jsonschema import Draft201909Validator
    from jsonschema_specifications import REGISTRY
    from referencing.exceptions import Unresolvable

    _check_text(given)
    declared: Mapping[str, Mapping[str, Any]] = tool.get("parameters", {})
    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": [name for name, spec in declared.items() if spec.get("required")],
        "properties": {
            name: {key: value for key, value in spec.items() if key not in _NOT_SCHEMA}
            for name, spec in declared.items()
        },
    }
    complete = dict(given)
    for name, spec in declared.items():
        if "default" in spec:
            complete.setdefault(name, spec["default"])
    # Without a registry of its own, jsonschema fetches references to other schemas.
    validator = Draft201909Validator(schema, registry=REGISTRY)
    try:
        errors = sorted(validator.iter_errors(complete), key=lambda error: error.json_path)
    except Unresolvable as error:
        raise ParameterError(
            f"the parameters of {executable} cannot be checked: its description refers to"
            f" {error.ref}, and nothing is fetched"
        ) from error
    if errors:
        report = "; ".join(line for error in errors for line in complaints(error, declared))
        raise ParameterError(
            f"invalid parameters: {report} (see '{executable} --help' for what is allowed)"
        )
    return complete


def _check_text(given: Mapping[str, Any]) -> None:
    """Reject text that could not be recorded.

    Raises:
        ParameterError: there is such text; the message names the key.
    """
    for key, value in given.items():
        if _NOT_XML.search(f"{key} {value}"):
            raise ParameterError(
                f"invalid parameters: {key!r} is {str(value)[:80]!r}, with a character that XML"
                " cannot hold"
            )
