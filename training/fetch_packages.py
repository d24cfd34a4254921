# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Fetch the packages that heads and backbones learn from, and unpack them.

Usage: python training/fetch_packages.py FOLDER

``packages.txt`` names them. FOLDER gets a subfolder for each; those that are there stay as they
are, so that a fetch that was interrupted goes on. It needs apt-get and dpkg-deb of Debian 12 or a
system like it, and npm. Fonts for the web become plain ones, of every cut that with most signs.
"""

from __future__ import annotations

import argparse
import logging
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from fontTools.merge import Merger
from fontTools.ttLib import TTFont

LIST = Path(__file__).with_name("packages.txt")
#: Packages that are asked for at a time.
_BATCH = 25
#: Fonts for the web, after the name of their family: the part, such as "devanagari", and the cut.
_WEB_FONT = re.compile(r"-(?P<part>[a-z-]+)-(?P<cut>\d00-normal)\.woff")
_ARCHIVE = re.compile(r"fontsource-(?P<family>.+)-\d[\d.]*\.tgz")
#: Parts of fonts that are nothing but Latin, Cyrillic or Greek, or of no script.
_EUROPEAN = re.compile("latin|cyrillic|greek|vietnamese|math|symbols|emoji")


def wanted(kind: str) -> list[str]:
    """Return the names of the packages of a kind, ``debian`` or ``npm``."""
    lines = (line.split() for line in LIST.read_text(encoding="utf-8").splitlines())
    return [line[1] for line in lines if len(line) == 2 and line[0] == kind]


def fetch_debian(names: Sequence[str], folder: Path) -> list[str]:
    """Unpack packages of Debian; return those that cannot be had."""
    missing = [name for name in names if not (folder / name).exists()]
    for start in range(0, len(missing), _BATCH):
        with tempfile.TemporaryDirectory(dir=folder) as place:
            for name in missing[start : start + _BATCH]:
                # One by one: apt-get fetches nothing if it does not know one of them.
                command = ["apt-get", "download", "-qq", name]
                subprocess.run(command, cwd=place, check=False, stderr=subprocess.DEVNULL)
            for file in sorted(Path(place).glob("*.deb")):
                unpacked = Path(place) / "unpacked"
                subprocess.run(["dpkg-deb", "-x", file, unpacked], check=True)
                unpacked.rename(folder / file.name.partition("_")[0])
        print(f"debian: {min(start + _BATCH, len(missing))} of {len(missing)}", file=sys.stderr)
    return [name for name in names if not (folder / name).exists()]


def fetch_npm(names: Sequence[str], folder: Path) -> list[str]:
    """Unpack the fonts of packages of npm; return those that cannot be had."""
    for name in names:
        target = folder / name.lstrip("@").replace("/", "-")
        if target.exists():
            continue
        with tempfile.TemporaryDirectory(dir=folder) as place:
            subprocess.run(["npm", "pack", "--silent", name], cwd=place, check=False, text=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
            for file in Path(place).glob("*.tgz"):
                _unpack_fonts(file, Path(place) / "unpacked")
                (Path(place) / "unpacked").rename(target)
    return [name for name in names if not (folder / name.lstrip("@").replace("/", "-")).exists()]


def _unpack_fonts(archive: Path, target: Path) -> None:
    """Take plain fonts out of an archive, or, without any, those for the web."""
    target.mkdir()
    with tarfile.open(archive) as content:
        members = [member for member in content.getmembers() if member.isfile()]
        plain = [m for m in members if m.name.endswith((".ttf", ".otf"))]
        for member in plain or [m for m in members if m.name.endswith("-normal.woff")]:
            source = content.extractfile(member)
            if source is not None:
                with (target / Path(member.name).name).open("wb") as stream:
                    shutil.copyfileobj(source, stream)
    match = _ARCHIVE.fullmatch(archive.name)
    if match and not plain:
        _make_plain(target, match["family"])


def _make_plain(folder: Path, family: str) -> None:
    """Turn fonts for the web into plain ones.

    A cut comes in parts. Those that stay are the one with most signs beside Latin and Cyrillic, and
    that of Latin letters with the digits and marks, as one font; of a font for Latin, Cyrillic or
    Greek the part with most signs.
    """
    cuts: dict[str, dict[str, tuple[int, Path]]] = defaultdict(dict)
    for path in sorted(folder.glob("*.woff")):
        match = _WEB_FONT.fullmatch(path.name.removeprefix(family))
        if match is not None:
            with TTFont(path) as font:
                signs = len(font.getBestCmap() or {})
            cuts[match["cut"]][match["part"]] = (signs, path)
    for cut, parts in cuts.items():
        scripts = {part: found for part, found in parts.items() if not _EUROPEAN.match(part)}
        _, main = max((scripts or parts).values())
        latin = parts.get("latin", (0, main))[1]
        target = folder / f"{family}-{cut}.ttf"
        try:
            _join([main] if main == latin or not scripts else [main, latin], target)
        except (AssertionError, AttributeError, KeyError, NotImplementedError, ValueError):
            # Tables that cannot be put together: letters without digits are better than nothing.
            _join([main], target)
    for path in folder.glob("*.woff"):
        path.unlink()


def _join(parts: Sequence[Path], target: Path) -> None:
    """Write the parts of a cut as one plain font; of a sign in several, the first."""
    with tempfile.TemporaryDirectory(dir=target.parent) as place:
        plain = []
        for number, part in enumerate(parts):
            with TTFont(part) as font:
                font.flavor = None
                plain.append(Path(place) / f"{number}.ttf")
                font.save(plain[-1])
        if len(plain) > 1:
            Merger().merge([str(path) for path in plain]).save(target)
        else:
            plain[0].rename(target)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder.resolve()
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    for tool in ("apt-get", "dpkg-deb", "npm"):
        if shutil.which(tool) is None:
            raise SystemExit(f"fetch_packages: {tool} is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    missing = fetch_debian(wanted("debian"), folder) + fetch_npm(wanted("npm"), folder)
    if missing:
        raise SystemExit("fetch_packages: not to be had: " + ", ".join(missing))


if __name__ == "__main__":
    main()
