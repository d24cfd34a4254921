# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Each layer imports only from those below it (docs/architecture.md)."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import ocrd_rapid
from ocrd_rapid.inference.traits import ENGINES

PACKAGE = Path(ocrd_rapid.__file__).parent

#: From top to bottom.
LAYERS = [
    "ocrmypdf", "cli", "network", "correction_server", "correction", "training", "conversion",
    "processors", "runtime", "evaluation", "rapidocr", "export", "workspace", "documents",
    "loading", "ocr", "inference", "resmgr", "rasters", "pixels", "transforms", "provenance",
    "transfer", "cache", "languages", "config", "temporary_folders", "files", "processes", "arrays",
    "plain_data", "errors", "addresses", "version",
]  # fmt: skip

#: Packages that only load where they are used, so that information options start fast.
HEAVY = {
    "cv2", "numpy", "onnxruntime", "openvino", "requests", "yaml", "jsonschema", "PIL",
    "lxml", "pikepdf", "pypdfium2", "docx", "zxingcpp", "pyclipper", "tqdm",
    "filelock", "onnx", "torch", "rapidfuzz", "ocrd", "ocrd_network", "pika", "pymongo",
    "starlette", "uvicorn",
}  # fmt: skip

#: Modules of these layers must not load heavy packages when they are imported, except those
#: named: they are what the module is about.
LIGHT_LAYERS = {
    "cli",
    "resmgr",
    "transfer",
    "cache",
    "languages",
    "config",
    "temporary_folders",
    "files",
    "processes",
    "plain_data",
    "addresses",
    "errors",
    "version",
}
MODULES = sorted(PACKAGE.rglob("*.py"))


def layer_of(path: Path) -> str:
    part = path.relative_to(PACKAGE).parts[0]
    return part.removesuffix(".py")


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported_names(path: Path, nodes: Iterable[ast.AST]) -> Iterator[tuple[list[str], str]]:
    """Yield what nodes of a module's code import from the package.

    Each as the dotted name in parts, and the name that is taken out of it, empty if there is none.
    """
    package = package_of(path)
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            target = [*base, *(node.module.split(".") if node.module else [])]
            names = [(target, alias.name) for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [(alias.name.split("."), "") for alias in node.names]
        else:
            continue
        yield from ((parts, name) for parts, name in names if parts[0] == "ocrd_rapid")


def package_of(path: Path) -> list[str]:
    return ["ocrd_rapid", *path.relative_to(PACKAGE).parts[:-1]]


def running_code(node: ast.AST) -> Iterator[ast.AST]:
    """Yield all nodes below one, without the blocks under ``if TYPE_CHECKING``."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        yield child
        yield from running_code(child)


def imported_layers(path: Path) -> Iterator[str]:
    """Yield the layers that a module imports anything from, at any place in its code."""
    for parts, name in imported_names(path, ast.walk(parsed(path))):
        layer = [*parts, name][1]
        if layer in LAYERS:
            yield layer


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_only_from_below(path: Path) -> None:
    layer = layer_of(path)
    if layer == "__init__":
        assert set(imported_layers(path)) <= {"version", "rapidocr", "inference", "conversion"}
        return
    own = LAYERS.index(layer)
    wrong = {name for name in imported_layers(path) if LAYERS.index(name) < own}
    assert wrong == set()


def module_name(path: Path) -> str:
    parts = ["ocrd_rapid", *path.relative_to(PACKAGE).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_modules(path: Path, modules: Collection[str]) -> set[str]:
    """Return the modules that a module names when it imports; packages above them left out.

    Imports inside of functions count, and by `importlib` from a module's own package; what only
    type checkers see does not.
    """
    nodes = list(running_code(parsed(path)))
    found = set()
    for parts, name in imported_names(path, nodes):
        whole, below = ".".join(parts), ".".join([*parts, name])
        found.add(below if below in modules else whole)
    if "import_module(f'{__package__}." in ast.unparse(parsed(path)):
        texts = {node.value for node in nodes if isinstance(node, ast.Constant)}
        found |= {".".join([*package_of(path), str(text)]) for text in texts} & set(modules)
    return found


def circles(imports: Mapping[str, set[str]]) -> list[tuple[str, ...]]:
    """Return the groups of modules that import each other, directly or through others."""
    sorter = TopologicalSorter(imports)
    try:
        sorter.prepare()
    except CycleError as error:
        circle = error.args[1]
        rest = {name: found - {circle[0]} for name, found in imports.items() if name != circle[0]}
        return [tuple(circle), *circles(rest)]
    return []


def test_no_module_is_imported_in_a_circle() -> None:
    """Not even by imports inside of functions, which would only hide it."""
    names = {module_name(path): path for path in MODULES}
    imports = {name: imported_modules(path, names) for name, path in names.items()}
    assert {name for found in imports.values() for name in found} <= set(names)
    assert "ocrd_rapid.cli.runs" in imports["ocrd_rapid.cli.processor"]
    assert {"ocrd_rapid.cli.process", "ocrd_rapid.cli.train"} <= imports["ocrd_rapid.cli.main"]
    assert circles(imports) == []


def test_a_circle_is_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [("a", "c", "b", "a")]


def test_every_module_is_in_a_layer() -> None:
    assert {layer_of(path) for path in MODULES} <= {*LAYERS, "__init__"}


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if layer_of(path) in LIGHT_LAYERS],
    ids=lambda p: str(p.relative_to(PACKAGE)),
)
def test_light_layers_import_nothing_heavy_at_the_top(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            found.add(node.module.split(".")[0])
    assert found & HEAVY == set()


def test_engines_are_imported_in_one_place_only() -> None:
    """Else they would report to their makers: `inference.libraries` forbids it before."""
    found = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            if {name.partition(".")[0] for name in names} & {"onnxruntime", "openvino"}:
                found.add(path.relative_to(PACKAGE).as_posix())
    assert found == {"inference/libraries.py"}


def test_ocrd_core_is_imported_in_one_layer_only() -> None:
    """It is optional, and takes seconds to import."""
    core = {"ocrd", "ocrd_network", "ocrd_utils", "ocrd_models", "ocrd_validators"}
    found = set()
    for path in MODULES:
        for node in ast.walk(parsed(path)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            if {name.partition(".")[0] for name in names} & core:
                found.add(layer_of(path))
    assert found == {"network"}


@pytest.mark.parametrize("layer", ["loading", "ocr"])
def test_a_new_engine_needs_no_change_above_inference(layer: str) -> None:
    """What differs between engines is in `inference.traits`, and asked for there."""
    for path in MODULES:
        if layer_of(path) == layer:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                assert not (isinstance(node, ast.Constant) and node.value in ENGINES), path
