# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Tables of the documents say what the code says; links lead somewhere; named files are there."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from documents import DOCUMENTS, ROOT, inline_code

from ocrd_rapid.config.tools import executables, tool_description

OCR_D = DOCUMENTS["docs/ocr-d.md"]
_ROW = re.compile(r"^\|(.+)\|$", re.MULTILINE)
#: A module or script as sentences name it: from the root, or from the package.
_MODULE = re.compile(r"(?:[a-z_]+/)+[a-z_]+\.(?:py|yml|json)")


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the first table under a heading of docs/ocr-d.md, without its head."""
    section = OCR_D.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [[cell.strip() for cell in row.split("|")] for row in _ROW.findall(section)][2:]


def named(cell: str) -> list[str]:
    """Return the names in a cell."""
    return re.findall(r"`(\w+)`", cell)


def documented() -> dict[tuple[str, str], str]:
    """Return the defaults in the table of parameters by processor and name."""
    found = {}
    for who, names, defaults, _ in rows("Parameters"):
        steps = who.split(", ")
        several = named(names)
        given = defaults.split(", ") if len(several) > 1 else [defaults.strip("`")]
        for name, default in zip(several, given, strict=True):
            found |= {(step, name): default for step in steps}
    return found


PARAMETERS = [
    (executable.removeprefix("ocrd-rapid-"), name, spec)
    for executable in executables()
    for name, spec in tool_description(executable)["parameters"].items()
]


@pytest.mark.parametrize(("step", "name", "spec"), PARAMETERS)
def test_a_parameter_is_described_with_its_default(
    step: str, name: str, spec: dict[str, Any]
) -> None:
    default = documented()[step, name]
    if default != "see `-h":
        expected = spec["default"]
        assert default == (expected if isinstance(expected, str) else json.dumps(expected))


def test_no_other_parameters_are_described() -> None:
    assert documented().keys() == {(step, name) for step, name, _ in PARAMETERS}


@pytest.mark.parametrize("path", DOCUMENTS)
def test_links_lead_somewhere(path: str) -> None:
    for target, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", DOCUMENTS[path]):
        file = (ROOT / path).parent / target if target else ROOT / path
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {slug(heading) for heading in headings}


def slug(heading: str) -> str:
    """Return the anchor of a heading, as forges make it."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("path", DOCUMENTS)
def test_modules_that_are_named_exist(path: str) -> None:
    for document, code in inline_code():
        if document == path and _MODULE.fullmatch(code):
            assert (ROOT / code).exists() or (ROOT / "ocrd_rapid" / code).exists(), code
