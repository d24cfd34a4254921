# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Source archive and wheel: the same bytes whoever makes them, and in them what belongs there."""

from __future__ import annotations

import configparser
import email
import os
import shutil
import stat
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocrd_rapid.version import __version__

from .conftest import ROOT, Packages, build, tool

DATE = "1700000000"

#: Largest wheel, in bytes: the default models are in it, and it is carried about on sticks.
LARGEST_WHEEL = 25_000_000


def files_of_package(project: Path) -> set[str]:
    found = (project / "ocrd_rapid").rglob("*")
    return {path.relative_to(project).as_posix() for path in found if path.is_file()}


def in_sdist(packages: Packages) -> dict[str, tarfile.TarInfo]:
    """Return the members of the source archive by their path in the project."""
    with tarfile.open(packages.sdist) as archive:
        members = [member for member in archive.getmembers() if not member.isdir()]
    return {member.name.partition("/")[2]: member for member in members}


def in_wheel(packages: Packages) -> list[zipfile.ZipInfo]:
    with zipfile.ZipFile(packages.wheel) as archive:
        return archive.infolist()


@pytest.fixture
def umask() -> Iterator[None]:
    """Make files as somebody does who lets nobody else read them."""
    before = os.umask(0o077)
    yield
    os.umask(before)


def test_two_builds_give_the_same_bytes(
    project: Path, packages: Packages, tmp_path: Path, umask: None
) -> None:
    first = build(project, tmp_path / "first", SOURCE_DATE_EPOCH=DATE)
    copy = tmp_path / "elsewhere"
    shutil.copytree(project, copy, symlinks=True, copy_function=shutil.copyfile)
    assert stat.S_IMODE((copy / "setup.cfg").stat().st_mode) == 0o600
    second = build(copy, tmp_path / "second", SOURCE_DATE_EPOCH=DATE)
    for ours, theirs in ((first.sdist, second.sdist), (first.wheel, second.wheel)):
        assert ours.name == theirs.name
        assert ours.read_bytes() == theirs.read_bytes()
    # Not because all is always the same: the date is in it.
    assert first.wheel.read_bytes() != packages.wheel.read_bytes()
    assert {member.mtime for member in in_sdist(first).values()} == {int(DATE)}
    assert {entry.date_time for entry in in_wheel(first)} == {(2023, 11, 14, 22, 13, 20)}


def test_the_wheel_has_the_package_and_nothing_else(project: Path, packages: Packages) -> None:
    names = {entry.filename for entry in in_wheel(packages)}
    metadata = {name for name in names if name.partition("/")[0].endswith(".dist-info")}
    expected = files_of_package(project)
    for needed in ("ocrd-tool.json", "resource_list.yml", "export/document.schema.json"):
        assert f"ocrd_rapid/{needed}" in expected
    for head in ("blackletter", "earlyprint"):
        assert any(name.endswith(f"_{head}.npz") for name in expected)
    for model in ("det_small_8bit", "det_small_16bit", "cls_mobile_16bit", "rec_small_8bit"):
        assert any(name.endswith(f"_{model}.onnx") for name in expected)
    assert names - metadata == expected
    assert packages.wheel.stat().st_size < LARGEST_WHEEL
    assert {Path(name).name for name in metadata} >= {"LICENSE", "NOTICE", "CC-BY-4.0.txt"}


def test_the_source_archive_has_what_the_wheel_is_made_of_and_documents(
    project: Path, packages: Packages
) -> None:
    members = in_sdist(packages)
    assert files_of_package(project) <= set(members)
    documents = {path.relative_to(project).as_posix() for path in project.glob("docs/**/*.md")}
    assert documents <= set(members)
    assert {"man/ocrd-rapid.1", "man/ocrd-rapid_ocr.1", "man/ocrd-rapid-detect.1"} <= set(members)
    assert {"CHANGELOG.md", "LICENSE", "NOTICE", "REUSE.toml", "pyproject.toml"} <= set(members)
    folders = {name.partition("/")[0] for name in members if "/" in name}
    assert folders == {
        "LICENSES", "distribution", "docs", "examples", "man", "ocrd_rapid", "ocrd_rapid.egg-info",
    }  # fmt: skip
    assert {(m.uid, m.gid, m.uname, m.gname) for m in members.values()} == {(0, 0, "", "")}


def test_the_archives_are_fit_for_an_index(packages: Packages) -> None:
    done = tool("twine", "check", "--strict", packages.sdist, packages.wheel)
    assert done.returncode == 0, done.stdout


def test_the_version_is_in_one_place(packages: Packages) -> None:
    assert packages.wheel.name == f"ocrd_rapid-{__version__}-py3-none-any.whl"
    assert packages.sdist.name == f"ocrd_rapid-{__version__}.tar.gz"
    for name in ("setup.cfg", "pyproject.toml", "Makefile", "MANIFEST.in"):
        assert f'"{__version__}"' not in (ROOT / name).read_text(encoding="utf-8")
        assert f"= {__version__}\n" not in (ROOT / name).read_text(encoding="utf-8")


def test_everything_but_core_graphics_cards_and_training_is_in_all(packages: Packages) -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    extras = set(setup["options.extras_require"])
    with zipfile.ZipFile(packages.wheel) as wheel:
        name = next(n for n in wheel.namelist() if n.endswith(".dist-info/METADATA"))
        metadata = email.message_from_bytes(wheel.read(name))
    assert set(metadata.get_all("Provides-Extra", [])) == extras
    named = setup["options.extras_require"]["all"].strip().partition("[")[2].rstrip("]")
    assert set(named.split(",")) == {"barcodes", "correct", "docx", "pdf", "zstd"}
