# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid workspace`` beside ``ocrd workspace``: the same arguments, the same answer."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.ids import MIMETYPE_PAGE
from ocrd_rapid.workspace.workspace import Workspace

CORE = Path(__file__).resolve().parent.parent.parent / ".venv-core" / "bin"

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(
        not (CORE / "ocrd").exists(),
        reason="OCR-D core is not in .venv-core: run `make test-interop`",
    ),
]

Done = subprocess.CompletedProcess[str]
Both = Callable[..., tuple[Done, Done]]


@pytest.fixture
def books(tmp_path: Path) -> tuple[Path, Path]:
    """Return two equal workspaces of five pages with an image and a PAGE-XML each."""
    ours, theirs = tmp_path / "ours" / "book", tmp_path / "theirs" / "book"
    workspace = Workspace.create(directory=ours)
    for group, kind, suffix in (("OCR-D-IMG", "image/png", "png"), ("SEG", MIMETYPE_PAGE, "xml")):
        (ours / group).mkdir()
        for n in range(1, 6):
            path = f"{group}/page_{n}.{suffix}"
            (ours / path).write_text(path)
            page = f"PHYS_{n:04d}"
            workspace.mets.add_file(MetsFile(f"{group}_{n}", group, page, kind, path))
    workspace.save()
    mets = ours / "mets.xml"
    text = mets.read_text()
    for n in range(1, 6):
        text = text.replace(f'ID="PHYS_000{n}"', f'ID="PHYS_000{n}" ORDER="{n}" LABEL="page {n}"')
    mets.write_text(text)
    shutil.copytree(ours.parent, theirs.parent)
    return ours, theirs


@pytest.fixture
def both(books: tuple[Path, Path]) -> Both:
    """Return a function that calls our command and core's, each in its own directory."""
    commands = ([Path(sys.executable).with_name("ocrd-rapid")], [CORE / "ocrd"])

    def call(*arguments: str, stdin: str = "") -> tuple[Done, Done]:
        ours, theirs = (
            subprocess.run(
                [*command, "workspace", "-d", "book", *arguments],
                cwd=book.parent, input=stdin, capture_output=True, text=True, timeout=600,
                check=False, env={**os.environ, "WORKSPACE_DIR": ""},
            )
            for command, book in zip(commands, books, strict=True)
        )  # fmt: skip
        return ours, theirs

    return call


@pytest.mark.parametrize(
    "arguments",
    [
        "list-group", "get-id", "list-page", "list-page -f comma-separated -D 2",
        "list-page -f json -D 3 -C 1", "list-page -k ORDER -k LABEL -r PHYS_0002..PHYS_0004",
        "list-page -R 2..4 -f json", "find", "find -G SEG -k ID -k pageId -k mimetype",
        "find -G //S.* -g PHYS_0002..PHYS_0003 -k file_grp -k basename_without_extension",
        "find -i //.*_[24] -k file_id -k basename", "find -m //image/.* -g 3..4",
        "find -q SEG -Q OCR-D-IMG -g physical:order:~1",
    ],
)  # fmt: skip
def test_the_same_is_shown(both: Both, arguments: str) -> None:
    ours, theirs = both(*arguments.split())
    assert (theirs.returncode, ours.returncode) == (0, 0), ours.stderr + theirs.stderr[-300:]
    assert ours.stdout == theirs.stdout
    assert ours.stdout.strip()


@pytest.mark.parametrize(
    "arguments",
    [
        "add -G NEW -i NEW_1 -g PHYS_0001 -m image/x OCR-D-IMG/page_1.png",
        "add -G NEW -i NEW_1 -g PHYS_0009 -C scan.tif",
        "add -G SEG -i SEG_1 -g PHYS_0001 --force SEG/page_1.xml",
        "remove -k SEG_1 OCR-D-IMG_3", "remove -f SEG_1 none", "remove SEG_5",
        "remove-group -r -k SEG", "remove-group -r //SE.", "remove-group -f none",
        "prune-files -G SEG", "set-id http://purl.example.org/1",
        r"bulk-add -r .*/(?P<n>[0-9])(?P<x>[.].*) -G NEW -g PHYS_000{{_n_}} -i F{{_n_}}"
        " -l NEW/{{_n_}}{{_x_}} scans/*",
    ],
)  # fmt: skip
def test_the_same_is_in_the_workspace_afterwards(
    both: Both, books: tuple[Path, Path], arguments: str
) -> None:
    for book in books:
        (book.parent / "scan.tif").write_text("scan")
        (book.parent / "scans").mkdir()
        for n in (1, 2):
            (book.parent / "scans" / f"{n}.tif").write_text(str(n))
        if arguments.startswith("prune"):
            (book / "SEG" / "page_2.xml").unlink()
    words = [word.replace("_n_", " n ").replace("_x_", " x ") for word in arguments.split()]
    ours, theirs = both(*words)
    assert (theirs.returncode, ours.returncode) == (0, 0), ours.stderr + theirs.stderr[-300:]
    assert _content(books[0]) == _content(books[1])


def _content(book: Path) -> tuple[object, ...]:
    """Return entries, groups and identifier as core sees them, and the files."""
    script = (
        "import json, sys; from ocrd_models import OcrdMets; m = OcrdMets(filename=sys.argv[1]);"
        "print(json.dumps([m.file_groups, m.unique_identifier, sorted([f.ID, f.fileGrp,"
        "f.mimetype, f.pageId, f.local_filename] for f in m.find_files())]))"
    )
    done = subprocess.run(
        [CORE / "python", "-c", script, book / "mets.xml"],
        capture_output=True, text=True, timeout=600, check=True,
    )  # fmt: skip
    files = {str(p.relative_to(book)) for p in book.rglob("*") if not p.name.startswith(".")}
    return (*json.loads(done.stdout), files)
