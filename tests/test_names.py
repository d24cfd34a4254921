# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""One name, one thing: modules, classes, and the maps in the docstrings of packages."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

import ocrd_rapid

PACKAGE = Path(ocrd_rapid.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
FOLDERS = sorted({path.parent for path in FILES})

#: A longer file holds more than one thing.
MOST_LINES = 400


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE.parent).as_posix()


def twice(places: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: found for name, found in places.items() if len(found) > 1}


def test_modules_have_names_of_their_own() -> None:
    """Those of the command line are named after its commands."""
    places: dict[str, list[str]] = defaultdict(list)
    for path in FILES:
        if path.stem != "__init__" and path.relative_to(PACKAGE).parts[0] != "cli":
            places[path.stem].append(name_of(path))
    assert twice(places) == {}


def test_public_classes_have_names_of_their_own() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(name_of(path))
    assert twice(places) == {}


def test_no_file_is_long() -> None:
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in FILES}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_the_docstring_of_a_package_names_its_modules_and_no_others(folder: Path) -> None:
    """What is in double backticks and looks like the name of a module is one."""
    content = (folder / "__init__.py").read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(content)) or ""
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    packages = {path.name for path in FOLDERS if path.parent == folder}
    assert set(re.findall(r"``(\w+)``", docstring)) == modules | packages
