# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The measures of the layout: in one place, each with its unit, none unused."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from ocrd_rapid.ocr.layout import measures

FOLDER = Path(measures.__file__).parent
UNITS = {
    "line heights", "lines", "rows", "pixels", "grey levels", "ratio", "log odds", "half lines",
}  # fmt: skip


def constants(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the names that a module gives to numbers, with the lines where it does so."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and not any(
            isinstance(part, (ast.Name, ast.Call, ast.Subscript)) for part in ast.walk(node.value)
        ):
            targets = node.targets[0]
            names = targets.elts if isinstance(targets, ast.Tuple) else [targets]
            yield from ((name.id, node.lineno) for name in names if isinstance(name, ast.Name))


def test_every_measure_begins_with_its_unit() -> None:
    path = Path(measures.__file__)
    rows = path.read_text(encoding="utf-8").splitlines()
    found = list(constants(path))
    assert len(found) > 50
    for name, lineno in found:
        above = lineno - 2
        while rows[above - 1].startswith("#:"):
            above -= 1
        unit = re.match(r"#: \[([^\]]+)\]", rows[above])
        assert unit is not None, name
        assert unit[1] in UNITS or unit[1].startswith("share of "), name


def test_every_measure_is_used() -> None:
    text = "".join(
        path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py") if path.stem != "measures"
    )
    names = {name for name, _ in constants(Path(measures.__file__))}
    assert {name for name in names if not re.search(rf"\bmeasures\.{name}\b", text)} == set()


def test_no_other_module_of_the_layout_has_numbers_of_its_own() -> None:
    found = {
        f"{path.stem}.{name}"
        for path in FOLDER.glob("*.py")
        if path.stem != "measures"
        for name, _ in constants(path)
    }
    assert found == set()
