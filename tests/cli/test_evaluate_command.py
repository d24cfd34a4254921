# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""ocrd-rapid evaluate."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from ocrd_rapid.errors import ExitCode
from ocrd_rapid.evaluation.report import describe

Call = Callable[..., Any]


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Return two folders: one page with errors, one without partner on each side."""
    truth, text = tmp_path / "gt", tmp_path / "ocr"
    contents = {
        truth / "p1.gt.txt": "Haus & Hof\nzweite Zeile\n",
        text / "p1.txt": "zweite Zcile\nHaus & Hof\n",
        truth / "p2.gt.txt": "", text / "p2.txt": "<b>",
        truth / "p3.gt.txt": "fehlt", text / "p4.txt": "mehr",
    }  # fmt: skip
    for path, content in contents.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    return truth, text


def test_table(run: Call, folders: tuple[Path, Path]) -> None:
    done = run("ocrd-rapid", "evaluate", "--level", "line", *folders)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].split() == ["page", "chars", "CER", "WER", "lines", "CER", "lines", "WER"]
    assert [line.split()[0] for line in lines[1:7]] == ["p1", "1", "2", "p2", "(no", "all"]
    assert lines[4].split() == ["p2", "0", "–", "–", "–", "–"]
    assert lines[6].split()[-2:] == ["18.18%", "40.00%"]
    assert "not counted, without text to compare: p3" in lines
    assert "not counted, without reference: p4" in lines
    assert "empty reference, rate undefined: p2" in lines
    assert "    1  e → c" in lines


def test_json(run: Call, folders: tuple[Path, Path]) -> None:
    done = run("ocrd-rapid", "evaluate", "--json", *folders)
    report = json.loads(done.out)
    assert (report["reference"], report["normalise"], report["fold"]) == (
        str(folders[0]),
        "nfc",
        False,
    )
    first, second = report["pages"]
    assert first["matching"] == "text"
    assert first["order_free"] == {
        "characters": 22, "edits": 1, "cer": 1 / 22, "words": 5, "word_edits": 1, "wer": 0.2,
        "bag_edits": 1, "bag_wer": 0.2,
    }  # fmt: skip
    assert second["ordered"]["cer"] is None and second["ordered"]["edits"] == 3
    assert report["total"]["order_free"]["edits"] == 4
    count = sum(item["count"] for item in report["confusions"])
    assert count == report["total"]["ordered"]["edits"]
    assert (report["without_text"], report["without_reference"]) == (["p3"], ["p4"])


@pytest.mark.parametrize("level", ["page", "line"])
def test_html(run: Call, folders: tuple[Path, Path], tmp_path: Path, level: str) -> None:
    target = tmp_path / "report.html"
    done = run("ocrd-rapid", "evaluate", "--level", level, "--html", target, *folders)
    assert done.code == 0
    source = target.read_text()
    assert "<b>" not in source and "&lt;b&gt;" in source and "&amp;" in source
    assert "<script" not in source and "http" not in source
    document = html.fromstring(source)
    assert [e.text_content() for e in document.iter("h2")] == ["Pages", "Confusions", "p1", "p2"]
    assert "<b>" in [e.text_content() for e in document.iter("span")]


@pytest.mark.parametrize(
    ("limit", "text", "message"),
    [
        ("10", "abcdefghix", None),
        ("9.9", "abcdefghix", "character error rate 10.00% is above 9.9 %"),
        ("0", "abcdefghij", None),
    ],
)
def test_limit(run: Call, tmp_path: Path, limit: str, text: str, message: str | None) -> None:
    (tmp_path / "gt.txt").write_text("abcdefghij")
    (tmp_path / "ocr.txt").write_text(text)
    done = run("ocrd-rapid", "evaluate", "--fail-above", limit, "gt.txt", "ocr.txt")
    assert "all (1)" in done.out
    assert done.code == (ExitCode.QUALITY if message else ExitCode.OK)
    assert (message or "") in done.err


def test_limit_is_missed_without_text(run: Call, folders: tuple[Path, Path]) -> None:
    done = run("ocrd-rapid", "evaluate", "--fail-above", "100", *folders)
    assert done.code == ExitCode.QUALITY
    assert "pages without text to compare: 1 (p3)" in done.err


def test_groups(run: Call, workspace: Path) -> None:
    for group, text in (("GT", "Haus"), ("OCR", "Hans")):
        (workspace / f"{group}.txt").write_text(text)
        added = run(
            "ocrd-rapid", "workspace", "-d", workspace, "add", "-G", group, "-i", f"{group}_1",
            "-g", "P_0001", "-m", "text/plain", f"{group}.txt", cwd=workspace,
        )  # fmt: skip
        assert added.code == 0, added.err
    done = run("ocrd-rapid", "evaluate", "-I", "GT,OCR", "-g", "P_0001", "--json", cwd=workspace)
    assert json.loads(done.out)["total"]["ordered"]["cer"] == 0.25
    done = run("ocrd-rapid", "evaluate", "-w", workspace, "-I", "GT,NONE")
    assert done.code == ExitCode.INPUT and "'NONE' is not in the METS" in done.err
    done = run("ocrd-rapid", "evaluate", "-w", workspace, "-I", "GT,OCR-D-IMG")
    assert done.code == ExitCode.INPUT and "nothing to compare" in done.err


@pytest.mark.parametrize(
    "arguments",
    [(), ("a.txt",), ("-I", "GT"), ("-I", "GT,"), ("-I", "A,B", "a.txt", "b.txt"),
     ("-g", "P1", "a.txt", "b.txt"), ("--fail-above", "-1", "a.txt", "b.txt")],
)  # fmt: skip
def test_usage(run: Call, arguments: tuple[str, ...]) -> None:
    done = run("ocrd-rapid", "evaluate", *arguments)
    assert done.code == ExitCode.USAGE and done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("character", "expected"),
    [
        ("", "nothing"), ("a", "a"), ("ſ", "ſ"), ("-", "-"), (" ", "U+0020 SPACE"),
        ("–", "– (U+2013 EN DASH)"), ("\ue42c", "U+E42C"),
        ("u\u0364",
         "u\u0364 (U+0075 LATIN SMALL LETTER U + U+0364 COMBINING LATIN SMALL LETTER E)"),
    ],
)  # fmt: skip
def test_characters_are_described(character: str, expected: str) -> None:
    assert describe(character) == expected


# Without ground truth


PAGES = [
    {
        "number": 1,
        "regions": [
            {
                "lines": [
                    {"id": "l1", "text": "Haus & Hof", "confidence": 0.8},
                    {"id": "l2", "text": "zweite Zeile", "confidence": 1.0},
                ]
            }
        ],
    }
]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.json"
    path.write_text(json.dumps({"pages": PAGES}))
    return path


def test_estimate(run: Call, book: Path) -> None:
    done = run("ocrd-rapid", "evaluate", "--estimate", book)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[1].split() == ["book", "2", "22", "9.09%", "1"]
    assert "lines below 0.9: 1 of 2" in lines
    assert "not in the estimate" in done.out
    report = json.loads(run("ocrd-rapid", "evaluate", "--estimate", "--json", book).out)
    assert report["total"]["expected_edits"] == 2.0
    assert [line["id"] for line in report["unsure"]] == ["l1"]


def test_estimate_of_a_file_group(run: Call, tmp_path: Path) -> None:
    workspace = tmp_path / "ws"
    run("ocrd-rapid", "workspace", "-d", workspace, "init")
    done = run("ocrd-rapid", "evaluate", "-w", workspace, "--estimate", "-I", "OCR")
    assert done.code == ExitCode.INPUT
    assert "OCR" in done.err


def test_an_estimate_can_fail(run: Call, book: Path) -> None:
    args = ("ocrd-rapid", "evaluate", "--estimate", book, "--fail-above")
    assert run(*args, "10").code == 0
    done = run(*args, "5")
    assert done.code == ExitCode.QUALITY
    assert "expected character error rate 9.09% is above 5 %" in done.err


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        (["a.json", "b.json"], "--estimate takes one file group"),
        (["-I", "GT,OCR"], "not 'GT,OCR'"),
        (["-I", "OCR", "a.json"], "either file groups (-I) or files"),
        (["a.json", "--fold", "--html", "x.html"], "leave out --fold, --html"),
        (["a.json", "-g", "P1"], "require file groups"),
    ],
)
def test_estimates_refuse_what_means_nothing(run: Call, args: list[str], problem: str) -> None:
    done = run("ocrd-rapid", "evaluate", "--estimate", *args)
    assert done.code == ExitCode.USAGE
    assert problem in done.err
