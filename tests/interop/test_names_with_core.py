# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Core gives outputs the same names, and takes them with letters of all scripts."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.ids import output_file_id
from ocrd_rapid.workspace.workspace import Workspace

from .conftest import CORE, Core

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(
        not (CORE / "ocrd").exists(),
        reason="OCR-D core is not in .venv-core: run `make test-interop`",
    ),
]

_SCRIPT = """
import json, sys
from types import SimpleNamespace
from ocrd_utils import make_file_id
for ID, pageId, fileGrp, output in json.loads(sys.argv[1]):
    print(json.dumps(make_file_id(SimpleNamespace(ID=ID, pageId=pageId, fileGrp=fileGrp), output)))
"""


def test_ids_of_outputs_are_those_of_core(core: Core) -> None:
    ids = ["IMG_1", "1", "a1", "圖甲", "f/1:2", "Bl_a\u0308", "Straße", "x y", "IMG-IMG", "ä", "-"]
    groups = [("IMG", "OUT"), ("IMG", "IMG"), ("a", "a-b")]
    cases = [(i, p, *g) for (i, p), g in itertools.product(itertools.permutations(ids, 2), groups)]
    done = core("python", "-c", _SCRIPT, json.dumps(cases))
    assert done.returncode == 0, done.stderr
    expected = list(map(json.loads, done.stdout.split("\n")[:-1]))
    assert [output_file_id(*case) for case in cases] == expected


def test_core_finds_output_of_pages_with_chinese_ids_valid(core: Core, tmp_path: Path) -> None:
    from toys import Toy, book, run, with_groups

    workspace: Workspace = book(tmp_path / "book", 1)
    image = MetsFile("IMG_2", "IMG", "P_2", "image/png", "IMG/1.png")
    workspace.mets.add_file(image)
    workspace.save()
    text = workspace.mets_path.read_text()
    for old, new in (
        ("P_1", "封面"),
        ("P_2", "第一頁"),
        ('"IMG_1"', '"圖甲"'),
        ('"IMG_2"', '"圖乙"'),
    ):
        text = text.replace(old, new)
    workspace.mets_path.write_text(text)
    run(Workspace.open(workspace.mets_path), Toy(), with_groups(output_group="OCR-D-SEG"))
    done = core("ocrd", "workspace", "find", "-G", "OCR-D-SEG", "-k", "pageId", "-k", "ID",
                "-k", "local_filename", cwd=workspace.directory)  # fmt: skip
    assert done.stdout.split("\n")[:-1] == [
        f"{page}\tOCR-D-SEG_{page}\tOCR-D-SEG/OCR-D-SEG_{page}.xml" for page in ("封面", "第一頁")
    ]
    skipped = ("pixel_density", "multipage", "page_xsd", "url")
    options = [part for check in skipped for part in ("--skip", check)]
    done = core("ocrd", "workspace", "validate", *options, cwd=workspace.directory)
    assert "<error>" not in done.stdout
