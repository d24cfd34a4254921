# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""docs/operators.md names every environment variable that the code reads, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from documents import DOCUMENTS, ROOT

from ocrd_rapid.config.tools import executables
from ocrd_rapid.resmgr.locations import environment_variable
from ocrd_rapid.runtime.policy import Policy

PAGE = DOCUMENTS["docs/operators.md"]
TREES = [
    ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "ocrd_rapid").rglob("*.py"))
]
#: Mappings of variables, and functions that take the name of one.
_MAPPING = re.compile(r"\b_?(environ|variables)$")
_READERS = {
    "flag", "positive_integer", "getenv", "_choice", "_number", "_required", "_directory",
}  # fmt: skip
_NAME = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$")
#: Variables of OCR-D's and ours are never named for anything else.
_OURS = re.compile(r"OCRD?_[A-Z_]+$")


def constants(trees: list[ast.Module]) -> dict[str, str]:
    """Return the strings that modules give a name to."""
    return {
        target.id: node.value.value
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, str)
    }


def names(tree: ast.Module) -> Iterator[ast.expr]:
    """Yield the expressions by which a module names the variables that it reads."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and _MAPPING.search(ast.unparse(node.value)):
            yield node.slice
        elif isinstance(node, ast.Compare) and _MAPPING.search(ast.unparse(node.comparators[0])):
            yield node.left
        elif isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            called = node.func.id if isinstance(node.func, ast.Name) else called
            if called in _READERS:
                yield from node.args[:2]
            elif isinstance(node.func, ast.Attribute) and _MAPPING.search(
                ast.unparse(node.func.value)
            ):
                yield from node.args[:1]
            yield from (word.value for word in node.keywords if word.arg == "envvar")
        elif isinstance(node, ast.Constant) and _OURS.match(str(node.value)):
            yield node


def variables_read(trees: list[ast.Module]) -> set[str]:
    """Return the environment variables that modules read."""
    known = constants(trees)
    found = set()
    for tree in trees:
        for name in names(tree):
            if isinstance(name, ast.Constant):
                found.add(str(name.value))
            elif isinstance(name, ast.Name | ast.Attribute):
                last = name.id if isinstance(name, ast.Name) else name.attr
                found.add(known.get(last, ""))
    return {name for name in found if _NAME.match(name)}


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading, without its head."""
    section = PAGE.partition(f"\n### {heading}\n")[2].partition("\n##")[0]
    lines = re.findall(r"^\|(.+)\|$", section, re.MULTILINE)[2:]
    return [[cell.strip() for cell in line.split("|")] for line in lines]


def described(*headings: str) -> set[str]:
    """Return the variables in the tables under some headings."""
    cells = [row[0] for heading in headings for row in rows(heading)]
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def test_every_variable_that_is_read_is_described_and_no_other() -> None:
    read = variables_read(TREES) | {environment_variable(name) for name in executables()}
    # Of the completion in the shell, which click reads.
    read |= {"_OCRD_RAPID_COMPLETE"}
    ours = described("OCR-D's variables", "This program's variables", "The system's variables")
    assert read - ours == set()
    assert ours - read == set()


@pytest.mark.parametrize(
    "code",
    [
        "os.environ.get('A_B')",
        "os.environ['A_B']",
        "'A_B' in environ",
        "flag('A_B')",
        "click.option('--x', envvar='A_B')",
        "_choice(variables, 'A_B', 1)",
        "NAME = 'A_B'\nself._environ.get(NAME, '')",
    ],
)
def test_a_variable_is_found_however_it_is_read(code: str) -> None:
    assert variables_read([ast.parse(code)]) == {"A_B"}


def test_the_defaults_are_those_of_a_run() -> None:
    policy = Policy.from_environment({})
    defaults = {row[0].strip("`"): row[1].strip("`") for row in rows("OCR-D's variables")}
    assert defaults["OCRD_MISSING_INPUT"] == policy.missing_input.value
    assert defaults["OCRD_MISSING_OUTPUT"] == policy.missing_output.value
    assert (defaults["OCRD_EXISTING_OUTPUT"], policy.existing) == ("ABORT", None)
    assert float(defaults["OCRD_MAX_MISSING_OUTPUTS"]) == policy.tolerated
    assert (defaults["OCRD_DOWNLOAD_INPUT"] == "true") == policy.download


def test_libraries_read_variables_of_their_own() -> None:
    assert described("Variables that libraries read") & variables_read(TREES) == set()
