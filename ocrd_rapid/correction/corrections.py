# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The file of corrections that the view saves; its form is in ``corrections.schema.json``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..config.complaints import complaints
from ..config.packaged import packaged_json
from ..errors import CorrectionsError
from ..export.line_words import nfc
from ..files import read_regular
from ..plain_data import parse_json
from ..workspace.ground_truth import LineState

#: The version of the format that is written and read.
VERSION = 1

#: Size in bytes of the largest file that is read.
LARGEST = 256 << 20

_FORMAT = "ocrd-rapid corrections"


@dataclass(frozen=True)
class LineCorrection:
    """What a person said about a line.

    Attributes:
        line: its ID.
        old: the text that the person saw.
        new: the text that the person wrote; empty in states without text.
        state: what the person said.
    """

    line: str
    old: str
    new: str
    state: LineState


@dataclass(frozen=True)
class PageCorrections:
    """The corrections of a page.

    Attributes:
        page_id: the page.
        sha256: the hash of the PAGE-XML that the person saw.
        lines: its lines.
    """

    page_id: str
    sha256: str
    lines: tuple[LineCorrection, ...]


@dataclass(frozen=True)
class Corrections:
    """The content of a file of corrections.

    Attributes:
        group: the file group that the person saw.
        pages: the pages with corrections, each once.
    """

    group: str
    pages: tuple[PageCorrections, ...]


def one_line(text: str) -> str:
    """Return a text in NFC, with single spaces in place of all white space."""
    return " ".join(nfc(text).split())


def read_corrections(path: Path) -> Corrections:
    """Read a file of corrections.

    Raises:
        CorrectionsError: it is missing, or not such a file, or of another version.
    """
    try:
        data = read_regular(path)
    except OSError as error:
        raise CorrectionsError(f"{path} cannot be read: {error.strerror}") from error
    try:
        return parse_corrections(data)
    except CorrectionsError as error:
        raise CorrectionsError(f"{path}: {error}") from error


def parse_corrections(data: bytes) -> Corrections:
    """Return the corrections in the content of a file; see `read_corrections`."""
    if len(data) > LARGEST:
        raise CorrectionsError(f"larger than {LARGEST >> 20} MiB")
    try:
        value = parse_json(data.decode("utf-8-sig"))
    except ValueError as error:
        raise CorrectionsError(
            f"not JSON, or cut off: {error}; save it again in the view"
        ) from error
    _check(value)
    pages = tuple(map(_page, value["pages"]))
    _check_unique([page.page_id for page in pages], "page")
    return Corrections(value["group"], pages)


def _check(value: Any) -> None:
    """Check the form of the file."""
    from jsonschema import Draft7Validator

    if not isinstance(value, dict) or value.get("format") != _FORMAT:
        raise CorrectionsError(
            "not a file of corrections; one is saved in the view that"
            " 'ocrd-rapid export -f html --correct' writes"
        )
    if value.get("version") != VERSION:
        raise CorrectionsError(
            f"version {value.get('version')} of the format is unknown; this is ocrd-rapid for"
            f" version {VERSION}"
        )
    schema = packaged_json("correction/corrections.schema.json")
    for error in Draft7Validator(schema).iter_errors(value):
        said = complaints(error, schema["required"])
        raise CorrectionsError(said[0] if said else error.message)


def _page(value: Mapping[str, Any]) -> PageCorrections:
    lines = []
    for line in value["lines"]:
        state = LineState(line["state"])
        new = one_line(line["new"]) if state.has_text else ""
        where = f"line {line['id']} of page {value['id']}"
        if state.has_text and not new:
            raise CorrectionsError(f"{where} is {state.value}, but has no text")
        old = one_line(line["old"])
        if state is LineState.CONFIRMED and new != old:
            raise CorrectionsError(f"{where} is confirmed, but has another text than before")
        lines.append(LineCorrection(line["id"], old, new, state))
    _check_unique([line.line for line in lines], f"page {value['id']}: line")
    return PageCorrections(value["id"], value["sha256"], tuple(lines))


def _check_unique(names: list[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise CorrectionsError(f"{what} {name} is there twice")
        seen.add(name)
