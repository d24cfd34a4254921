# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The measures of the layout: in one place, each with its unit, none unused."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocrd_rapid.ocr.layout import measures, order_measures

FOLDER = Path(measures.__file__).parent
MODULES = [Path(measures.__file__), Path(order_measures.__file__)]
UNITS = {
    "line heights", "lines", "rows", "pixels", "grey levels", "ratio", "log odds", "half lines",
    "nats", "characters", "junctions",
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


@pytest.mark.parametrize("path", MODULES)
def test_every_measure_begins_with_its_unit(path: Path) -> None:
    rows = path.read_text(encoding="utf-8").splitlines()
    found = list(constants(path))
    assert len(found) > 10
    for name, lineno in found:
        above = lineno - 2
        while rows[above - 1].startswith("#:"):
            above -= 1
        unit = re.match(r"#: \[([^\]]+)\]", rows[above])
        assert unit is not None, name
        assert unit[1] in UNITS or unit[1].startswith("share of "), name


@pytest.mark.parametrize("module", MODULES)
def test_no_measure_has_two_values(module: Path) -> None:
    names = [name for name, _ in constants(module)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("module", MODULES)
def test_every_measure_is_used(module: Path) -> None:
    text = "".join(
        path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py") if path not in MODULES
    )
    names = {name for name, _ in constants(module)}
    assert {name for name in names if not re.search(rf"\bmeasures\.{name}\b", text)} == set()


def test_no_other_module_of_the_layout_has_numbers_of_its_own() -> None:
    found = {
        f"{path.stem}.{name}"
        for path in FOLDER.glob("*.py")
        if path not in MODULES
        for name, _ in constants(path)
    }
    assert found == set()
