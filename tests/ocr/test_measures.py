# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The measures of the layout: in one place, each with its unit, none unused."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocrd_rapid.ocr.layout import measures

FOLDER = Path(measures.__file__).parent
MEASURES = sorted(FOLDER.rglob("*measures.py"))
UNITS = {
    "line heights", "lines", "rows", "pixels", "grey levels", "ratio",
    "log odds", "half lines", "nats", "characters", "junctions",
}  # fmt: skip


def constants(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the names that a module gives to numbers, with the lines where it does so."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and not any(
            isinstance(part, (ast.Name, ast.Call, ast.Subscript))
            or (isinstance(part, ast.Constant) and isinstance(part.value, str))
            for part in ast.walk(node.value)
        ):
            targets = node.targets[0]
            names = targets.elts if isinstance(targets, ast.Tuple) else [targets]
            yield from ((name.id, node.lineno) for name in names if isinstance(name, ast.Name))


@pytest.mark.parametrize("path", MEASURES, ids=lambda path: path.stem)
def test_every_measure_begins_with_its_unit(path: Path) -> None:
    rows = path.read_text(encoding="utf-8").splitlines()
    found = list(constants(path))
    assert len(found) > 15
    for name, lineno in found:
        above = lineno - 2
        while rows[above - 1].startswith("#:"):
            above -= 1
        unit = re.match(r"#: \[([^\]]+)\]", rows[above])
        assert unit is not None, name
        assert unit[1] in UNITS or unit[1].startswith("share of "), name


@pytest.mark.parametrize("path", MEASURES, ids=lambda path: path.stem)
def test_every_measure_is_used_and_has_a_name_of_its_own(path: Path) -> None:
    others = (other for other in FOLDER.rglob("*.py") if other not in MEASURES)
    text = "".join(other.read_text(encoding="utf-8") for other in others)
    names = [name for name, _ in constants(path)]
    assert [name for name in names if not re.search(rf"\b{path.stem}\.{name}\b", text)] == []
    assert len(set(names)) == len(names)


def test_no_other_module_of_the_layout_has_numbers_of_its_own() -> None:
    found = {
        f"{path.stem}.{name}"
        for path in FOLDER.rglob("*.py")
        if path not in MEASURES
        for name, _ in constants(path)
    }
    assert found == set()
