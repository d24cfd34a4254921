"""Each layer imports only from those below it (docs/architecture.md)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import ocrd_rapid
from ocrd_rapid.inference.engines import ENGINES

PACKAGE = Path(ocrd_rapid.__file__).parent

#: From top to bottom.
LAYERS = [
    "cli", "training", "processors", "runtime", "export", "evaluation", "workspace", "rapidocr",
    "loading", "ocr", "inference", "resmgr", "rasters", "pixels", "transforms", "transfer",
    "cache", "config", "files",
    "arrays", "plain_data", "errors",
    "addresses", "version",
]  # fmt: skip

#: Packages that only load where they are used, so that information options start fast.
HEAVY = {
    "cv2", "numpy", "onnxruntime", "openvino", "requests", "yaml", "jsonschema", "PIL",
    "lxml", "pyclipper", "tqdm", "filelock", "onnx", "torch", "rapidfuzz",
}  # fmt: skip

#: Modules of these layers must not load heavy packages when they are imported, except those
#: named: they are what the module is about.
LIGHT_LAYERS = {
    "cli",
    "resmgr",
    "transfer",
    "cache",
    "config",
    "files",
    "plain_data",
    "addresses",
    "errors",
    "version",
}
MODULES = sorted(PACKAGE.rglob("*.py"))


def layer_of(path: Path) -> str:
    part = path.relative_to(PACKAGE).parts[0]
    return part.removesuffix(".py")


def imported_layers(path: Path) -> Iterator[str]:
    """Yield the layers that a module imports anything from, at any place in its code."""
    package = ["ocrd_rapid", *path.relative_to(PACKAGE).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            target = [*base, *(node.module.split(".") if node.module else [])]
            names = [[*target, alias.name] for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
        else:
            continue
        for name in names:
            if name[0] == "ocrd_rapid" and len(name) > 1 and name[1] in LAYERS:
                yield name[1]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_only_from_below(path: Path) -> None:
    layer = layer_of(path)
    if layer == "__init__":
        assert set(imported_layers(path)) <= {"version", "rapidocr", "inference"}
        return
    own = LAYERS.index(layer)
    wrong = {name for name in imported_layers(path) if LAYERS.index(name) < own}
    assert wrong == set()


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


@pytest.mark.parametrize("layer", ["loading", "ocr"])
def test_a_new_engine_needs_no_change_above_inference(layer: str) -> None:
    """What differs between engines is in `inference.traits`, and asked for there."""
    for path in MODULES:
        if layer_of(path) == layer:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                assert not (isinstance(node, ast.Constant) and node.value in ENGINES), path
