# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Every file says under which licence it is: by a header, or by an entry in REUSE.toml."""

from __future__ import annotations

import re
import subprocess
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEADER = (
    "# SPDX-FileCopyrightText: The ocrd-rapid developers\n# SPDX-License-Identifier: Apache-2.0\n"
)


def tracked() -> list[Path]:
    """Return the files of the repository, without links."""
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip("not a clone of the repository: git does not list its files")
    paths = [ROOT / name for name in done.stdout.split("\0") if name]
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def is_code(path: Path) -> bool:
    """Return whether a file is in Python, in shell, or a Makefile."""
    return path.suffix in {".py", ".sh"} or path.name == "Makefile" or path == ROOT / ".ci" / "run"


def has_header(text: str) -> bool:
    """Return whether a text begins with the header; a line for the kernel may come before."""
    return re.sub(r"\A#!.*\n", "", text).startswith(HEADER)


def entries() -> list[tuple[list[str], str]]:
    """Return the patterns and the licence of each annotation in REUSE.toml."""
    text = (ROOT / "REUSE.toml").read_text(encoding="utf-8")
    found = []
    for part in text.split("[[annotations]]")[1:]:
        path = re.search(r"^path = (\[.*?^\]|\".*?\")", part, re.DOTALL | re.MULTILINE)
        licence = re.search(r'^SPDX-License-Identifier = "(.+)"$', part, re.MULTILINE)
        assert path and licence and "SPDX-FileCopyrightText" in part
        found.append((re.findall(r'"(.+?)"', path[1]), licence[1]))
    return found


def matches(name: str, pattern: str) -> bool:
    """Return whether a pattern of REUSE.toml is one of a name: ``*`` stays in a folder."""
    if "**" not in pattern and name.count("/") != pattern.count("/"):
        return False
    return fnmatchcase(name, pattern)


def test_code_begins_with_the_header() -> None:
    code = [path for path in tracked() if is_code(path)]
    assert code
    texts = {path: path.read_text(encoding="utf-8") for path in code}
    assert [str(path) for path, text in texts.items() if not has_header(text)] == []


def test_every_other_file_has_an_entry() -> None:
    patterns = [pattern for found, _ in entries() for pattern in found]
    names = [path.relative_to(ROOT).as_posix() for path in tracked() if not is_code(path)]
    others = [n for n in names if n != "LICENSE" and not n.startswith("LICENSES/")]
    assert [n for n in others if not any(matches(n, pattern) for pattern in patterns)] == []


def test_every_entry_has_files() -> None:
    names = [path.relative_to(ROOT).as_posix() for path in tracked()]
    patterns = [pattern for found, _ in entries() for pattern in found]
    assert [p for p in patterns if not any(matches(n, p) for n in names)] == []


def test_the_texts_of_the_licences_are_those_that_are_named() -> None:
    texts = {path.stem for path in (ROOT / "LICENSES").iterdir()}
    assert texts == {licence for _, licence in entries()}
    apache = ROOT / "LICENSES" / "Apache-2.0.txt"
    assert apache.read_bytes() == (ROOT / "LICENSE").read_bytes()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (HEADER + '\n"""Text."""\n', True),
        ("#!/bin/sh\n" + HEADER, True),
        ('"""Text."""\n' + HEADER, False),
        (HEADER.replace("Apache-2.0", "MIT"), False),
    ],
)
def test_headers_are_told_from_other_beginnings(text: str, found: bool) -> None:
    assert has_header(text) is found
