# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""docs/licences.md names all that is installed with the program, and nothing under the (A)GPL."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import pytest
from documents import DOCUMENTS
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PAGE = DOCUMENTS["docs/licences.md"]
_ROW = re.compile(r"^\| *(.+?) *\| *(.+?) *\| *(.+?) *\|$", re.MULTILINE)
#: The General Public License, or the Affero one, but not the Lesser, and not with GCC's exception.
_GPL = re.compile(
    r"AGPL|Affero|(?<![AL])GPL(?!\S* WITH GCC-exception)|(?<!Lesser )General Public", re.IGNORECASE
)


def rows(heading: str) -> list[tuple[str, ...]]:
    """Return the cells of the table under a heading, without its head."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [match.groups() for match in _ROW.finditer(section)][2:]


LISTED = {canonicalize_name(name): licence for name, licence, _ in rows("Packages")}


def installed_with(name: str, extra: str) -> dict[str, metadata.Distribution]:
    """Return a package and all that it requires here, by name."""
    found: dict[str, metadata.Distribution] = {}
    waiting = [(name, extra)]
    seen = set(waiting)
    while waiting:
        name, extra = waiting.pop()
        distribution = metadata.distribution(name)
        found[canonicalize_name(name)] = distribution
        for line in distribution.requires or []:
            requirement = Requirement(line)
            if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
                continue
            new = {(requirement.name, also) for also in requirement.extras or {""}} - seen
            seen |= new
            waiting += sorted(new)
    return found


INSTALLED = installed_with("ocrd-rapid", "all")


def test_the_pattern_finds_what_it_shall() -> None:
    bad = [
        "GPL-3.0-only",
        "AGPL-3.0",
        "GNU General Public License v2 (GPLv2)",
        "GPLv3",
        "MIT OR GPL",
    ]
    good = [
        "LGPL-2.1-or-later",
        "GNU Library or Lesser General Public License (LGPL)",
        "GPL-3.0-or-later WITH GCC-exception-3.1",
        "MIT",
    ]
    assert [text for text in bad if not _GPL.search(text)] == []
    assert [text for text in good if _GPL.search(text)] == []


def test_all_that_is_installed_is_listed() -> None:
    assert INSTALLED.keys() - LISTED.keys() == set()


def test_nothing_else_is_listed() -> None:
    # What other versions of Python need is not installed here at all.
    here = {canonicalize_name(d.metadata["Name"]) for d in metadata.distributions()}
    assert (LISTED.keys() - INSTALLED.keys()) & here == set()


@pytest.mark.parametrize("name", sorted(INSTALLED))
def test_a_package_is_not_under_the_gpl(name: str) -> None:
    facts = INSTALLED[name].metadata
    texts = [text for text in facts.get_all("Classifier", []) if text.startswith("License")]
    # Some have the whole text of their licence in this field.
    texts += [
        facts.get("License-Expression") or "",
        (facts.get("License") or "").partition("\n")[0],
    ]
    assert [text for text in [*texts, LISTED[name]] if _GPL.search(text)] == []
    assert any(texts), "no licence is given"


def test_libraries_in_wheels_are_listed_with_their_licences() -> None:
    listed = {
        name for cell, *_ in rows("Libraries in wheels") for name in re.findall("`(.+?)`", cell)
    }
    folders = {Path(str(distribution.locate_file(""))) for distribution in INSTALLED.values()}
    there = {
        re.split(r"[-.]", path.name)[0]
        for folder in folders
        for path in folder.glob("*.libs/*")
        if canonicalize_name(path.parent.stem) in INSTALLED
    }
    assert there - listed == set()
    for _, owners, licence in rows("Libraries in wheels"):
        assert {canonicalize_name(owner) for owner in owners.split(", ")} <= LISTED.keys()
        assert not _GPL.search(licence)
