# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""docs/models/index.md names all models and heads, with the licences that they have."""

from __future__ import annotations

import re

from documents import DOCUMENTS

from ocrd_rapid.ocr.recognition.head_files import read_header
from ocrd_rapid.resmgr import catalogue, locations

PAGE = DOCUMENTS["docs/models/index.md"]
HEADS = sorted(locations.module_dir("ocrd-rapid-recognize").glob("*.npz"))
_LICENCES = PAGE.partition("## Licences and origin")[2].partition("\n## ")[0]


def short(name: str) -> str:
    """Return the short name of a head's file."""
    return name.removesuffix(".npz").rpartition("_")[2]


def test_every_model_of_the_catalogue_is_named_under_its_processor() -> None:
    for executable, known in catalogue.bundled().items():
        if not known:
            continue
        entries = (*known, *catalogue.packaged().get(executable, ()))
        section = PAGE.partition(f": `{executable}`\n")[2].partition("\n### ")[0]
        named = set(re.findall(r"`([\w.-]+\.(?:onnx|txt))`", section))
        assert named == {entry.name for entry in entries}
        assert {entry.licence for entry in entries} == {"Apache-2.0"}


def test_default_models_are_bold() -> None:
    bold = set(re.findall(r"^\| \*\*`([\w.-]+)`\*\*", PAGE, re.MULTILINE))
    assert bold == {entry.name for entry in catalogue.resource_set("default")}


def test_every_head_of_the_package_is_named_with_its_licence() -> None:
    assert HEADS
    rows = re.findall(r"^\| (?:head|heads|layer) (.+?) \| (.+?) \|", _LICENCES, re.MULTILINE)
    licences = {name: licence for names, licence in rows for name in re.findall("`(.+?)`", names)}
    assert licences.keys() == {short(path.name) for path in HEADS}
    for path in HEADS:
        # Some are written as SPDX has them.
        stated = read_header(path)["licence"].replace("CC-BY-", "CC BY ")
        assert licences[short(path.name)] == stated
