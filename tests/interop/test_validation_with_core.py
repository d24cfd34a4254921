# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Validation beside OCR-D core: what core calls an error in a broken workspace, we report too."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree
from PIL import Image

from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.findings import Finding
from ocrd_rapid.workspace.ids import MIMETYPE_PAGE
from ocrd_rapid.workspace.validation import Extent, validate
from ocrd_rapid.workspace.workspace import Workspace

CORE = Path(__file__).resolve().parent.parent.parent / ".venv-core" / "bin"

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(
        not (CORE / "python").exists(),
        reason="OCR-D core is not in .venv-core: run `make test-interop`",
    ),
]

PATH = "OCR-D-SEG/SEG_1.xml"
PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<pc:PcGts xmlns:pc="http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"
    pcGtsId="SEG_1">
  <pc:Metadata><pc:Creator>x</pc:Creator><pc:Created>2024-01-01T00:00:00</pc:Created>
    <pc:LastChange>2024-01-01T00:00:00</pc:LastChange></pc:Metadata>
  <pc:Page imageFilename="OCR-D-IMG/1.png" imageWidth="100" imageHeight="80">
    <pc:AlternativeImage filename="OCR-D-IMG/1.png" comments="binarized"/>
    <pc:Border><pc:Coords points="1,1 99,1 99,79 1,79"/></pc:Border>
    <pc:ReadingOrder><pc:OrderedGroup id="ro"><pc:RegionRefIndexed index="0" regionRef="r1"/>
      </pc:OrderedGroup></pc:ReadingOrder>
    <pc:TextRegion id="r1"><pc:Coords points="5,5 95,5 95,75 5,75"/>
      <pc:TextLine id="l1"><pc:Coords points="10,10 90,10 90,30 10,30"/>
        <pc:Baseline points="10,28 90,28"/>
        <pc:Word id="w1"><pc:Coords points="10,10 40,10 40,30 10,30"/>
          <pc:Glyph id="g1"><pc:Coords points="10,10 20,10 20,30 10,30"/>
            <pc:TextEquiv><pc:Unicode>a</pc:Unicode></pc:TextEquiv></pc:Glyph>
          <pc:TextEquiv><pc:Unicode>a</pc:Unicode></pc:TextEquiv></pc:Word>
        <pc:Word id="w2"><pc:Coords points="50,10 90,10 90,30 50,30"/>
          <pc:TextEquiv conf="0.5"><pc:Unicode>b</pc:Unicode></pc:TextEquiv></pc:Word>
        <pc:TextEquiv><pc:Unicode>a b</pc:Unicode></pc:TextEquiv></pc:TextLine>
      <pc:TextLine id="l2"><pc:Coords points="10,40 90,40 90,60 10,60"/>
        <pc:TextEquiv><pc:Unicode>c</pc:Unicode></pc:TextEquiv></pc:TextLine>
      <pc:TextEquiv><pc:Unicode>a b
c</pc:Unicode></pc:TextEquiv></pc:TextRegion>
    <pc:ImageRegion id="r2"><pc:Coords points="2,76 98,76 98,78 2,78"/></pc:ImageRegion>
  </pc:Page>
</pc:PcGts>
"""

#: What core says, what we must say then: of which check, about what, in which words.
ERRORS: list[tuple[str, Callable[[re.Match[str]], tuple[str, str, str]]]] = [
    (r"INVALIDITY in Page .*coords", lambda m: ("page", "Border", "outline")),
    (r"INVALIDITY in Baseline ID '(\S+)' of", lambda m: ("page", m[1], "Baseline")),
    (r"INVALIDITY in \w+ ID '(\S+)' of", lambda m: ("page", m[1], "outline")),
    (r"INCONSISTENCY in \w+ ID '(\S+)' of file .*text", lambda m: ("page", m[1], "its text")),
    (r"INCONSISTENCY in \w+ ID '(\S+)' of .*coords", lambda m: ("page", m[1], "not inside")),
    (r"(\w+): Line \d+: Element", lambda m: ("page_xsd", m[1], "")),
    (r"\S*mets\.xml: Line \d+: ", lambda m: ("mets_xsd", "mets.xml", "")),
    (r"PAGE '(\w+)': @image(Height|Width)", lambda m: ("dimension", m[1], "its image has")),
    (r"PAGE .*AlternativeImage .*features not", lambda m: ("alternativeimage_comments", "", "no")),
    (r"PAGE .*AlternativeImage .*feature '(.*?)' not stand",
     lambda m: ("alternativeimage_comments", "", f"feature '{m[1]}'")),
    (r"METS has no unique identifier", lambda m: ("mets_unique_identifier", "mets.xml", "")),
    (r"No files", lambda m: ("mets_files", "mets.xml", "no files")),
    (r"File '(\w+)' has neither", lambda m: ("mets_files", m[1], "neither")),
    (r"File '(\w+)' has an invalid .*URL", lambda m: ("url", m[1], "URL")),
    (r"Image '(\w+)': More than 1 frame", lambda m: ("multipage", m[1], "images")),
    (r"Image '(\w+)': Could not retrieve", lambda m: ("mets_files", m[1], "not exist")),
    # What core could not cope with: we have to say anything.
    (r"Validation aborted with exception", lambda m: ("", "", "")),
    (r"Failed to instantiate workspace", lambda m: ("mets", "", "")),
]  # fmt: skip

#: Name, file, what is replaced, by what; a sound workspace is without any of them.
FAULTS = [
    ("too few points", PATH, "10,40 90,40 90,60 10,60", "10,40 90,40"),
    ("a triangle", PATH, "10,40 90,40 90,60 10,60", "10,40 90,40 90,60"),
    ("crossing itself", PATH, "10,40 90,40 90,60 10,60", "10,40 90,60 90,40 10,60"),
    ("folded", PATH, "10,40 90,40 90,60 10,60", "10,40 90,40 50,40 90,60 10,60 30,40"),
    ("no area", PATH, "10,40 90,40 90,60 10,60", "10,40 50,40 90,40 20,40"),
    ("negative", PATH, "10,40 90,40 90,60 10,60", "-10,40 90,40 90,60 -10,60"),
    ("line outside of region", PATH, "10,40 90,40 90,60 10,60", "10,40 98,40 98,60 10,60"),
    ("line just inside", PATH, "10,40 90,40 90,60 10,60", "10,40 96,40 96,60 10,60"),
    ("region outside of border", PATH, "2,76 98,76 98,78 2,78", "2,76 98,76 98,86 2,86"),
    ("glyph outside of word", PATH, "10,10 20,10 20,30 10,30", "10,10 50,10 50,30 10,30"),
    ("broken border", PATH, "1,1 99,1 99,79 1,79", "1,1 99,79 99,1 1,79"),
    ("fractions", PATH, "10,40 90,40 90,60 10,60", "10.5,40 90,40 90,60 10,60"),
    ("baseline outside", PATH, "10,28 90,28", "10,28 90,68"),
    ("baseline of one point", PATH, "10,28 90,28", "10,28"),
    ("text of region", PATH, "a b\nc", "a b c"),
    ("text of line", PATH, "<pc:Unicode>a b</pc:Unicode>", "<pc:Unicode>ab</pc:Unicode>"),
    ("text of word", PATH, "<pc:Unicode>a</pc:Unicode>", "<pc:Unicode>d</pc:Unicode>"),
    ("id twice", PATH, 'id="w2"', 'id="w1"'),
    ("id missing", PATH, '<pc:Word id="w2">', "<pc:Word>"),
    ("id wrong", PATH, 'id="w2"', 'id="2w"'),
    ("confidence", PATH, 'conf="0.5"', 'conf="2"'),
    ("older version", PATH, "2019-07-15", "2017-07-15"),
    ("no creator", PATH, "<pc:Creator>x</pc:Creator>", ""),
    ("order of children", PATH, '<pc:Baseline points="10,28 90,28"/>\n', ""),
    ("unknown element", PATH, "<pc:Baseline", "<pc:Topline/><pc:Baseline"),
    ("two borders", PATH, "<pc:Border>",
     '<pc:Border><pc:Coords points="1,1 9,1 9,9 1,9"/></pc:Border><pc:Border>'),
    ("border after regions", PATH, '<pc:ImageRegion id="r2">',
     '<pc:PrintSpace><pc:Coords points="1,1 9,1 9,9 1,9"/></pc:PrintSpace>'
     '<pc:ImageRegion id="r2">'),
    ("empty group", PATH, '<pc:RegionRefIndexed index="0" regionRef="r1"/>', ""),
    ("no coords", PATH, '<pc:Coords points="10,40 90,40 90,60 10,60"/>', ""),
    ("not well-formed", PATH, "</pc:Page>", ""),
    ("width", PATH, 'imageWidth="100"', 'imageWidth="99"'),
    ("image missing", PATH, 'imageFilename="OCR-D-IMG/1.png"', 'imageFilename="OCR-D-IMG/9.png"'),
    ("no features", PATH, ' comments="binarized"', ""),
    ("strange feature", PATH, 'comments="binarized"', 'comments="binarized,good"'),
    ("no identifier", "mets.xml", 'type="urn"', 'type="none"'),
    ("file gone", "mets.xml", '"OCR-D-IMG/1.png"', '"OCR-D-IMG/7.png"'),
    ("path as URL", "mets.xml", ' LOCTYPE="OTHER" OTHERLOCTYPE="FILE"', ' LOCTYPE="URL"'),
    ("no path", "mets.xml", ' OTHERLOCTYPE="FILE"', ""),
    ("no LOCTYPE", "mets.xml", ' LOCTYPE="OTHER" OTHERLOCTYPE="FILE"', ""),
    ("wrong LOCTYPE", "mets.xml", ' LOCTYPE="OTHER"', ' LOCTYPE="LOCAL"'),
    ("ID twice", "mets.xml", 'ID="SEG_1"', 'ID="IMG_1"'),
    ("ID wrong", "mets.xml", 'file ID="IMG_1"', 'file ID="1_IMG"'),
    ("no ID", "mets.xml", 'file ID="IMG_1"', "file"),
    ("order in METS", "mets.xml", "</mets:fileSec>", "</mets:fileSec><mets:amdSec/>"),
    ("two headers", "mets.xml", "<mets:metsHdr", "<mets:metsHdr/><mets:metsHdr"),
    ("METS cut off", "mets.xml", "</mets:mets>", ""),
]  # fmt: skip

SCRIPT = """
import json, logging, os, sys
logging.disable(logging.CRITICAL)
from ocrd.resolver import Resolver
from ocrd_validators import WorkspaceValidator
found = {}
for name in sys.argv[1:]:
    report = WorkspaceValidator.validate(
        Resolver(), os.path.join(name, "mets.xml"), src_dir=name,
        page_coordinate_consistency="both")
    found[name] = [[str(e) for e in report.errors], [str(w) for w in report.warnings]]
json.dump(found, sys.stdout)
"""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace of one page without a fault."""
    directory = tmp_path_factory.mktemp("sound")
    workspace = Workspace.create(directory=directory)
    for name in ("OCR-D-IMG", "OCR-D-SEG"):
        (directory / name).mkdir()
    Image.new("L", (100, 80), 255).save(directory / "OCR-D-IMG" / "1.png", dpi=(300, 300))
    (directory / PATH).write_text(PAGE)
    workspace.mets.add_file(MetsFile("IMG_1", "OCR-D-IMG", "P1", "image/png", "OCR-D-IMG/1.png"))
    workspace.mets.add_file(MetsFile("SEG_1", "OCR-D-SEG", "P1", MIMETYPE_PAGE, PATH))
    workspace.save()
    return directory


def test_what_core_calls_an_error_we_report(sound: Path, tmp_path: Path) -> None:
    broken = [_break(sound, tmp_path / f"{i:02d}", *fault) for i, fault in enumerate(FAULTS)]
    core = _core(sound, *broken)
    assert core[str(sound)] == [[], []]
    assert list(validate(sound / "mets.xml", Extent(coordinates="both"))) == []
    missed = {}
    for fault, directory in zip(FAULTS, broken, strict=True):
        errors, _ = core[str(directory)]
        ours = list(validate(directory / "mets.xml", Extent(coordinates="both")))
        unsaid = [error for error in errors if not any(_covers(f, error) for f in ours)]
        # Three points are but a warning of ours.
        agreed = bool(errors) == any(
            f.severity == "error" or "has 3 points" in f.what for f in ours
        )
        if unsaid or not agreed:
            missed[fault[0]] = (errors, [str(f) for f in ours])
    assert missed == {}
    assert sum(bool(core[str(directory)][0]) for directory in broken) >= 40


def _break(sound: Path, directory: Path, name: str, path: str, old: str, new: str) -> Path:
    shutil.copytree(sound, directory)
    text = (directory / path).read_text()
    assert old in text, name
    (directory / path).write_text(text.replace(old, new, 1))
    return directory


def _core(*directories: Path) -> dict[str, list[list[str]]]:
    done = subprocess.run(
        [CORE / "python", "-c", SCRIPT, *directories],
        capture_output=True, text=True, timeout=600, check=True,
    )  # fmt: skip
    found: dict[str, list[list[str]]] = json.loads(done.stdout)
    return found


def _covers(finding: Finding, error: str) -> bool:
    for pattern, expected in ERRORS:
        match = re.match(pattern, error, re.DOTALL)
        if match:
            check, where, what = expected(match)
            return (
                finding.severity in ("error", "warning")
                and check in ("", finding.check)
                and where in finding.where
                and what in finding.what
            )
    raise AssertionError(f"core says something that is not in the table: {error}")


@pytest.mark.scans
def test_the_same_faults_in_ground_truth_as_core_finds(scans: Path, tmp_path: Path) -> None:
    directories = []
    for page in sorted(scans.glob("*/*.page.xml")):
        image = next(p for p in page.parent.glob(f"{page.name.partition('.')[0]}.*")
                     if p.suffix in (".tif", ".png", ".jpg"))  # fmt: skip
        directories.append(_workspace_of(page, image, tmp_path / page.name))
    core = _core(*directories)
    for directory in directories:
        theirs = {(m[2], m[1] + _kind(e)) for e in core[str(directory)][0]
                  if (m := re.match(r"(IN\w+) in \w+ ID '(.*?)' of", e))}  # fmt: skip
        ours = {
            (m[1], ("INCONSISTENCY" if "not " in f.what else "INVALIDITY") + _kind(f.what))
            for f in validate(directory / "mets.xml", Extent(coordinates="both"))
            if f.check == "page" and (m := re.match(r"file SEG_1, \w+ (\S+)$", f.where))
        }
        assert ours == theirs, directory.name


def _kind(message: str) -> str:
    return "text" if "text" in message else "outline"


def _workspace_of(page: Path, image: Path, directory: Path) -> Path:
    workspace = Workspace.create(directory=directory)
    for name in ("OCR-D-IMG", "OCR-D-SEG"):
        (directory / name).mkdir()
    shutil.copyfile(image, directory / "OCR-D-IMG" / image.name)
    root = etree.fromstring(page.read_bytes())
    root[1].set("imageFilename", f"OCR-D-IMG/{image.name}")
    (directory / PATH).write_bytes(etree.tostring(root))
    kind = {".png": "image/png", ".jpg": "image/jpeg"}.get(image.suffix, "image/tiff")
    name = f"OCR-D-IMG/{image.name}"
    workspace.mets.add_file(MetsFile("IMG_1", "OCR-D-IMG", "P1", kind, name))
    workspace.mets.add_file(MetsFile("SEG_1", "OCR-D-SEG", "P1", MIMETYPE_PAGE, PATH))
    workspace.save()
    return directory
