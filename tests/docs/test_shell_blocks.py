# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Every shell command of the documents runs, or says here why not.

Blocks run in a folder with what they name: scans, PDFs, a workspace with the groups that they read.
The commands of docs/ocr.md's table of recipes run one by one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from documents import DOCUMENTS, ROOT, Block, blocks
from PIL import Image

from ocrd_rapid.workspace.workspace import Workspace

SAMPLE = ROOT / "tests" / "assets" / "sample" / "sample.png"
OURS = Path(sys.executable).with_name("ocrd-rapid")

#: Documents whose commands other tests run, or nothing does.
ELSEWHERE = {
    "docs/containers.md": "tests/docker runs every command, in containers",
    "docs/network.md": "tests/workers runs jobs and workflows with real servers, on its own ports",
    "docs/scale.md": "tests/examples runs books on several machines, by the examples",
    "examples/nextflow/README.md": "tests/examples runs it where Nextflow is",
    "examples/slurm/README.md": "tests/examples runs it on a cluster of one machine",
    "examples/snakemake/README.md": "tests/examples runs it in an environment with Snakemake",
    "docs/models/blackletter.md": "training takes hours, and fonts that are downloaded",
    "docs/models/scripts.md": "training takes hours, and fonts that are downloaded",
    "docs/models/eight-bits.md": "training takes hours, and lines that are not here",
    "docs/models/smaller-backbone.md": "training takes hours, and fonts that are downloaded",
}
#: Commands that are not run, and why.
NOT_RUN = {
    r"make \w": "targets of make take minutes, and .ci/run has the tests among them",
    r"pip (un)?install|-m venv": "tests/distribution installs packages of its own making",
    r"zipfile -e|ocrd-rapid-kit|install\.sh|~/ocrd-rapid": "tests/distribution installs a kit",
    r"resmgr download": "tests/resmgr downloads from a server of its own",
    r"ocrmypdf ": "tests/test_ocrmypdf.py runs OCRmyPDF where it is installed",
    r"ocrd-rapid correct": "tests/correction applies what a person corrected in a browser",
    r"ocrd-rapid train": "tests/cli/test_train.py trains where torch is installed",
    r"layout_cdla": "the model is no default one; tests/ocr has models of its own",
    r"tesserocr-": "tests/interop runs the workflows with processors of others",
    r"_COMPLETE=": "it is for the files of interactive shells",
    r"my-model|mybook": "a model and a head of one's own",
    r"git submodule": "there is no public repository yet",
}
#: Documents whose blocks follow on one another.
IN_ONE_GO = ("docs/tutorial.md",)
_CONTINUED = re.compile(r"\\\n\s*")
_OUTPUT = re.compile(r"-[Oo] ([\w./-]+)")
_INPUT = re.compile(r"-I (\S+)")


def commands(code: str) -> list[str]:
    """Return the lines of a block that are run, with continuations joined."""
    lines = [re.sub(r"(^|\s+)#\s.*", "", line) for line in _CONTINUED.sub("", code).splitlines()]
    return [line for line in lines if line and not any(re.search(p, line) for p in NOT_RUN)]


def is_shell(block: Block) -> bool:
    """Return whether a block is commands for a shell."""
    return block.language == "sh" or (
        not block.language and re.match(r"(ocrd-rapid|pip|ocrd) ?", block.code) is not None
    )


SHELL = [
    block for block in blocks() if is_shell(block) and block.place.split(":")[0] not in ELSEWHERE
]


def scripts() -> list[Block]:
    """Return what is run in one folder: a document, a block, or each command of alternatives."""
    found = []
    for document in IN_ONE_GO:
        blocks_of_it = [b for b in SHELL if b.place.startswith(f"{document}:")]
        lines = [line for block in blocks_of_it for line in commands(block.code)]
        found.append(Block(document, "sh", "\n".join(lines)))
    for block in SHELL:
        if block.place.split(":")[0] in IN_ONE_GO:
            continue
        lines = commands(block.code)
        written = _OUTPUT.findall("\n".join(lines))
        parts = ["\n".join(lines)] if len(set(written)) == len(written) else lines
        found += [Block(block.place, "sh", part) for part in parts if part]
    recipes = re.findall(r"^\|[^|]+\| `(ocrd-rapid ocr [^`]+)` \|$", DOCUMENTS["docs/ocr.md"], re.M)
    return found + [Block("docs/ocr.md", "sh", recipe) for recipe in recipes]


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a page and a workspace of one page, with all groups."""
    store = ROOT / ".models"
    folder = tmp_path_factory.mktemp("library")
    with Image.open(SAMPLE) as sample:
        # The heading and a few lines: read faster than a page.
        sample.crop((0, 0, sample.width, 500)).save(folder / "page.png", dpi=(200, 200))
    book = folder / "book"
    environ = {
        **os.environ, "XDG_DATA_HOME": str(store), "XDG_CONFIG_HOME": str(folder / "etc"),
        "XDG_CACHE_HOME": str(folder / "cache"),
    }  # fmt: skip
    for words in (
        ["workspace", "-d", book, "init"],
        ["workspace", "-d", book, "add-images", folder / "page.png"],
        [
            "process", "-w", book,
            "rapid-detect -I OCR-D-IMG -O OCR-D-SEG", "rapid-detect -I OCR-D-IMG -O SEG",
            "rapid-classify -I OCR-D-SEG -O OCR-D-ORI",
            "rapid-recognize -I OCR-D-ORI -O OCR-D-OCR",
            "rapid-recognize -I OCR-D-ORI -O OCR-D-GT",
        ],
        ["export", "-w", book, "-I", "OCR-D-OCR", "-f", "txt", "-o", folder / "page.gt.txt"],
    ):  # fmt: skip
        subprocess.run([OURS, *map(str, words)], env=environ, check=True)
    return folder


@pytest.fixture
def desk(
    library: Path, tmp_path: Path, original_models: Path, request: pytest.FixtureRequest
) -> Path:
    """Return a folder with all that the documents name, and a workspace of what a script reads."""
    code: str = request.param.code
    desk = tmp_path / "desk"
    shutil.copytree(library / "book", desk)
    keep_what_is_read(desk, code)
    page, (recognized,) = library / "page.png", (library / "book" / "OCR-D-OCR").glob("*.xml")
    with Image.open(page) as image:
        for name in ("page.jpg", "old.jpg"):
            image.convert("L").save(desk / name, dpi=(200, 200))
        for name in ("book.pdf", "letter.pdf", "in.pdf"):
            others = [image.convert("1")] * (19 if "--pages" in code else 0)
            image.convert("L").save(
                desk / name, resolution=200, save_all=True, append_images=others
            )
    for name in ("page.png", "cover.png", "scan.png", "scans/page1.png", "archive/a/1.png"):
        (desk / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(page, desk / name)
    for name in ("page.xml", "truth.xml", "gt/page1.xml", "ocr/page1.xml"):
        (desk / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(recognized, desk / name)
    shutil.copyfile(library / "page.gt.txt", desk / "page.gt.txt")
    shutil.copyfile(ROOT / "distribution/kit/config_offline.yaml", desk / "config_offline.yaml")
    for name in ("book", "books/b1", "more-books/b2", "book-0017"):
        if not re.search(rf"workspace -d {name} init|mkdir {name}\b", code):
            shutil.copytree(library / "book", desk / name)
    for name in re.findall(r"-o (\S+)", code):
        if len(re.findall(rf"(?<!\S){re.escape(name)}(?!\S)", code)) == 1:
            (desk / name).unlink(missing_ok=True)
    programs = tmp_path / "bin"
    programs.mkdir()
    # Without core, `ocrd` is ours, as in the image.
    (programs / "ocrd").symlink_to(OURS)
    return desk


def keep_what_is_read(workspace: Path, code: str) -> None:
    """Remove the groups that a script does not read, or writes itself."""
    written = set(_OUTPUT.findall(code))
    read = {name for names in _INPUT.findall(code) for name in re.findall(r"[\w-]+", names)}
    opened = Workspace.open(workspace / "mets.xml")
    for group in list(opened.mets.groups):
        if group != "OCR-D-IMG" and (group in written or group not in read):
            for file in list(opened.mets.files(group)):
                opened.mets.remove_file(file.id, group)
            opened.mets.remove_group(group)
            shutil.rmtree(workspace / group)
    opened.save()


@pytest.mark.models
@pytest.mark.parametrize(
    ("desk", "script"),
    [pytest.param(part, part, id=f"{part.place} {part.code[:40]}") for part in scripts()],
    indirect=["desk"],
)
def test_commands_run(desk: Path, script: Block) -> None:
    path = os.pathsep.join([str(desk.parent / "bin"), str(OURS.parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script.code],
        cwd=desk, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False,
        timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def test_every_reason_is_still_needed() -> None:
    lines = [line for block in SHELL for line in _CONTINUED.sub("", block.code).splitlines()]
    unused = [p for p in NOT_RUN if not any(re.search(p, line) for line in lines)]
    assert unused == []
    places = {block.place.split(":")[0] for block in blocks() if is_shell(block)}
    assert ELSEWHERE.keys() <= places


def test_most_commands_are_run() -> None:
    documents = {part.place.split(":")[0] for part in scripts()}
    named = ("tutorial", "ocr-d", "ocr", "resmgr", "report", "evaluation", "offline", "view")
    assert documents >= {"README.md", *(f"docs/{name}.md" for name in named)}


def test_alternatives_are_run_one_by_one() -> None:
    parts = [part.code for part in scripts() if part.place.startswith("docs/heads.md")]
    assert len(parts) == 3
    assert not any("\n" in part for part in parts)
