# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Page selection: the same pages as OCR-D core selects, for a table of expressions."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from ocrd_rapid.errors import UsageError
from ocrd_rapid.workspace.mets import Mets
from ocrd_rapid.workspace.selection import select_pages

CORE = Path(__file__).resolve().parent.parent.parent / ".venv-core" / "bin"

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(
        not (CORE / "python").exists(),
        reason="OCR-D core is not in .venv-core: run `make test-interop`",
    ),
]

#: ID, then ORDER, ORDERLABEL, LABEL, CONTENTIDS.
PAGES = [
    ("PHYS_0001", "1", "I", "Cover", "urn:nbn:1"),
    ("PHYS_0002", "2", "II", "Blank page", "urn:nbn:2"),
    ("PHYS_0003", "3", "1", "Page 0001", "urn:nbn:3"),
    ("PHYS_0004", "4", "2", "Page 0002", "urn:nbn:4"),
    ("PHYS_0005", "5", "3", "Page 0003", "urn:nbn:5"),
    ("PHYS_0006", "6", "LOG_0002", "Blank page", ""),
    ("PHYS_0008", "7", "lbl08", "", "urn:nbn:8"),
    ("PHYS_0009", "8", "", "Chapter one", "urn:nbn:9"),
    ("PHYS_0010", "9", "10", "Index", "urn:nbn:10"),
    ("PHYS_0011", "10", "9", "Index", "urn:nbn:11"),
    ("extra", "", "", "", ""),
]

#: ID, DMDID, TYPE, LABEL, numbers of the pages.
DIVISIONS = [
    ("LOG_0000", "DMD_01", "monograph", "A book", range(1, 11)),
    ("LOG_0001", "", "cover", "Cover", range(1, 2)),
    ("LOG_0002", "DMD_02", "chapter", "Chapter one", range(3, 5)),
    ("LOG_0003", "DMD_03", "chapter", "Chapter 2", range(5, 8)),
    ("LOG_0004", "", "index", "Register", (9, 10)),
]

EXPRESSIONS = [
    # IDs
    "PHYS_0001", "PHYS_0010,PHYS_0002", "PHYS_0002,PHYS_0002", "extra,PHYS_0001",
    "PHYS_0002..PHYS_0004", "PHYS_0005..PHYS_0009", "PHYS_0010..PHYS_0099",
    "PHYS_0003..PHYS_0003", "PHYS_0001..PHYS_0002,PHYS_0002..PHYS_0003",
    "//PHYS_000[12]", "//PHYS_.*", "//.*", "//extra|PHYS_0001", "//PHYS_\\d+[13]",
    # exceptions
    "~PHYS_0001", "~PHYS_0001,~extra", "~PHYS_0002..PHYS_0004", "~//PHYS.*",
    "PHYS_0001..PHYS_0005,~PHYS_0003", "~PHYS_0003,PHYS_0001..PHYS_0005", "PHYS_0001,~PHYS_0001",
    # any attribute: the first that fits on the first page where one fits
    "1", "2", "9", "10", "3..5", "I", "lbl08", "Index", "Blank page", "urn:nbn:4",
    "Cover", "Chapter one", "LOG_0002", "monograph", "//Page .*", "//[0-9]", "//I+", "Chapter 2",
    "urn:nbn:2..urn:nbn:5", "DMD_02..DMD_03", "~monograph", "~3..5", "chapter,~LOG_0003",
    # attributes of pages
    "physical:PHYS_0001", "physical:9", "physical:Chapter one", "physical:id:PHYS_0004",
    "physical:order:2", "physical:orderlabel:2", "physical:orderlabel:1..3",
    "physical:order:3..5", "physical:order:8..20", "physical:label:Cover",
    "physical:label:Index", "physical:label://Index", "physical:label:Page 0001..Page 0003",
    "physical:label:~//.*lank.*", "physical:contentids://urn:nbn:1.*", "physical:contentids://",
    "physical:order:~2..4", "physical:order://", "physical:orderlabel://.{1,2}",
    "physical:orderlabel://[0-9]*", "~physical:order:2",
    # logical divisions
    "logical:LOG_0002", "logical:Cover", "logical:chapter", "logical:id:LOG_0003",
    "logical:id:LOG_0001..LOG_0003", "logical:id://LOG_000[14]", "logical:type:chapter",
    "logical:type:~chapter", "logical:type://(cover|index)", "logical:label:Chapter one",
    "logical:label://Chapter.*", "logical:dmdid:DMD_02", "logical:dmdid:DMD_02..DMD_03",
    "logical:type:index,logical:type:cover", "logical:type:monograph,~PHYS_0004",
    "logical:type:chapter,physical:label:~Blank page",
    # what selects nothing, or is no expression
    "PHYS_0007", "PHYS_0001,PHYS_0007", "PHYS_0007..PHYS_0009", "//PHYS", "~nothing",
    " PHYS_0001", "PHYS_0001,", ",", "PHYS_0001,,PHYS_0002", "~", "//", "~//", "physical:",
    "physical:id:", "logical:", "logical:type:", "logical:type:chapter1..chapter2",
    "logical:label:Chapter 2..Chapter 3", "A..B", "PHYS_0001..", "..", "PHYS_0003..PHYS_0001",
    "PHYS_0001..OTHER_0002", "//(", "//PHYS_.{1,4}", "physical:type:chapter",
    "logical:order:1", "Physical:PHYS_0001", "physical:ID:PHYS_0001",
]  # fmt: skip

SCRIPT = """
import json, sys, warnings
from ocrd_models import OcrdMets
warnings.simplefilter("ignore")
found = []
for expression in json.load(sys.stdin):
    mets = OcrdMets(filename=sys.argv[1], cache_flag=False)
    try:
        found.append(mets.get_physical_pages(for_pageIds=expression))
    except Exception as error:
        found.append(None)
json.dump(found, sys.stdout)
"""


@pytest.fixture
def mets(tmp_path: Path) -> Path:
    """Write a METS whose pages and divisions have all attributes."""
    names = ("ID", "ORDER", "ORDERLABEL", "LABEL", "CONTENTIDS")
    pages = "".join(f'<mets:div TYPE="page" {_attributes(names, page)}/>' for page in PAGES)
    divisions = "".join(
        f"<mets:div {_attributes(('ID', 'DMDID', 'TYPE', 'LABEL'), division[:4])}/>"
        for division in DIVISIONS
    )
    links = "".join(
        f'<mets:smLink xlink:from="{division[0]}" xlink:to="{PAGES[number - 1][0]}"/>'
        for division in DIVISIONS
        for number in division[4]
    )
    path = tmp_path / "mets.xml"
    path.write_text(
        '<mets:mets xmlns:mets="http://www.loc.gov/METS/"'
        ' xmlns:xlink="http://www.w3.org/1999/xlink"><mets:fileSec/>'
        f'<mets:structMap TYPE="LOGICAL"><mets:div>{divisions}</mets:div></mets:structMap>'
        '<mets:structMap TYPE="PHYSICAL">'
        f'<mets:div TYPE="physSequence">{pages}</mets:div></mets:structMap>'
        f"<mets:structLink>{links}</mets:structLink></mets:mets>"
    )
    return path


def _attributes(names: tuple[str, ...], values: tuple[object, ...]) -> str:
    return " ".join(f'{n}="{v}"' for n, v in zip(names, values, strict=True) if v)


def test_the_same_pages_as_core_selects(mets: Path) -> None:
    done = subprocess.run(
        [CORE / "python", "-c", SCRIPT, mets],
        input=json.dumps(EXPRESSIONS),
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    structure = Mets.read(mets).structure()
    order = [page[0] for page in PAGES]
    theirs, ours = {}, {}
    for expression, pages in zip(EXPRESSIONS, json.loads(done.stdout), strict=True):
        # Core lists a page once for every token that selects it.
        theirs[expression] = None if pages is None else sorted(set(pages), key=order.index)
        try:
            ours[expression] = select_pages(expression, structure)
        except UsageError:
            ours[expression] = None
    assert ours == theirs
    assert sum(pages is not None for pages in theirs.values()) >= 60
