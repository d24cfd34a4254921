# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Names in backticks in docstrings and comments are names that exist."""

from __future__ import annotations

import ast
import builtins
import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

import ocrd_rapid

PACKAGE = Path(ocrd_rapid.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

#: A name, perhaps with dots, in single backticks; ``in double ones`` is a literal.
REFERENCE = re.compile(r"(?<!`)`([A-Za-z_][\w.]*)`(?!`)")


def module_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def assigned(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement of a module or class gives something to."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        yield node.name
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    for target in filter(None, targets):
        yield from (name.id for name in ast.walk(target) if isinstance(name, ast.Name))


def imported_from_elsewhere(tree: ast.Module) -> set[str]:
    nodes = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    others = [node for node in nodes if isinstance(node, ast.Import) or not node.level]
    names = (alias.asname or alias.name for node in others for alias in node.names)
    return {name.partition(".")[0] for name in names}


class Names:
    """All that a reference may mean: modules, what they define, and members of classes."""

    def __init__(self, trees: dict[str, ast.Module]) -> None:
        self._dotted: set[str] = set()
        bases: dict[str, list[str]] = {}
        members: dict[str, set[str]] = defaultdict(set)
        for module, tree in trees.items():
            self._dotted |= {module, *(f"{module}.{n}" for s in tree.body for n in assigned(s))}
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef):
                    members[node.name] |= {name for s in node.body for name in assigned(s)}
                    members[node.name] |= {
                        n.attr
                        for n in ast.walk(node)
                        if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)
                    }
                    bases[node.name] = [ast.unparse(base) for base in node.bases]
        for name in bases:
            above = [name]
            for each in above:
                above += [base for base in bases.get(each, []) if base in bases]
            self._dotted |= {f"{name}.{member}" for each in above for member in members[each]}

    def has(self, reference: str) -> bool:
        """Return whether a reference is the end of a name that exists."""
        return any(name == reference or name.endswith("." + reference) for name in self._dotted)


TREES = {module_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in FILES}
NAMES = Names(TREES)


def references(path: Path) -> Iterator[str]:
    with io.StringIO(path.read_text(encoding="utf-8")) as source:
        for token in tokenize.generate_tokens(source.readline):
            is_docstring = token.type == tokenize.STRING and token.string.startswith('"""')
            if token.type == tokenize.COMMENT or is_docstring:
                yield from REFERENCE.findall(token.string)


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_what_is_referred_to_exists(path: Path) -> None:
    """In the package, among the arguments of the module, or in a library."""
    tree = TREES[module_of(path)]
    arguments = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    known = {*dir(builtins), *arguments, *imported_from_elsewhere(tree), "numpy", "dataclasses"}
    lost = {
        reference
        for reference in references(path)
        if reference.partition(".")[0] not in known and not NAMES.has(reference)
    }
    assert lost == set()


def test_names_that_are_gone_are_found() -> None:
    assert NAMES.has("read_page") and NAMES.has("ocr.page_reading.read_page")
    assert NAMES.has("Recognizer.recognize") and NAMES.has("layout.segmentation")
    assert not NAMES.has("layout.read_page")
    assert not NAMES.has("Recognizer.detect")
    assert not NAMES.has("detection.Detector")
