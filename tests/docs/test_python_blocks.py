# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Every block of Python in the documents runs, and does what its comments say."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path
from typing import Any

import pytest
from documents import ROOT, Block, blocks, blocks_of

SAMPLE = ROOT / "tests" / "assets" / "sample"
#: The last words of the sample page.
LAST_WORDS = "the same page."

PYTHON = [block for block in blocks() if block.language == "python"]


def _case(block: Block) -> Any:
    needs_models = "page.jpg" in block.code or ".onnx" in block.code
    return pytest.param(block, id=block.place, marks=[pytest.mark.models] if needs_models else [])


def run(block: Block) -> dict[str, Any]:
    """Run a block in the current directory; return its variables.

    An expression with a comment is compared with it: as a literal, or up to the character …

    Raises:
        AssertionError: the value of an expression is not the one in its comment.
    """
    names: dict[str, Any] = {"folder": Path.cwd() / "corrected"}
    lines = block.code.splitlines()
    for statement in ast.parse(block.code).body:
        if not isinstance(statement, ast.Expr):
            module = ast.Module([statement], type_ignores=[])
            exec(compile(module, block.place, "exec"), names)
            continue
        value = eval(compile(ast.Expression(statement.value), block.place, "eval"), names)
        comment = lines[(statement.end_lineno or 1) - 1].partition("  # ")[2].partition(";")[0]
        if comment.endswith("…"):
            assert repr(value).startswith(comment[:-1])
        elif comment:
            assert value == ast.literal_eval(comment)
    return names


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a directory with what the blocks name the current one."""
    desk = tmp_path / "desk"
    desk.mkdir()
    shutil.copyfile(SAMPLE / "sample.png", desk / "page.jpg")
    (desk / "config_offline.yaml").write_text("Global:\n  text_score: 0.5\n")
    (desk / "corrected").mkdir()
    shutil.copyfile(SAMPLE / "sample.png", desk / "corrected" / "sample.png")
    shutil.copyfile(SAMPLE / "sample.gt.page.xml", desk / "corrected" / "sample.xml")
    monkeypatch.chdir(desk)
    return desk


@pytest.mark.parametrize("block", [_case(block) for block in PYTHON])
def test_a_block_runs(
    block: Block, desk: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    if "ocrd_rapid.training" in block.code:
        pytest.importorskip("torch", reason="training needs torch: pip install '.[train]'")
    if request.node.get_closest_marker("models"):
        request.getfixturevalue("models")
    names = run(block)
    if "page.jpg" in block.code:
        read = [line[1] for line in names.get("result", [])]
        assert LAST_WORDS in capsys.readouterr().out + "\n".join(read)


def test_the_guides_have_blocks() -> None:
    documents = {block.place.partition(":")[0] for block in PYTHON}
    guides = {"README.md", "docs/evaluation.md", "docs/offline.md", "docs/python.md"}
    assert documents >= {*guides, "docs/training.md"}


@pytest.mark.parametrize("comment", ["2", "(1, 2)", "3.4…"])
def test_wrong_comments_are_found(comment: str) -> None:
    with pytest.raises(AssertionError):
        run(Block("x.md:1", "python", f"1 + 2  # {comment}"))


def test_fenced_and_indented_blocks_are_found_with_their_lines() -> None:
    text = (
        "Text:\n\n    import os\n\n    os.sep\n\n```sh\nls\n\n    deep\n```\n\n- item\n\n    more\n"
    )
    assert blocks_of("x.md", text) == [
        Block("x.md:3", "python", "import os\n\nos.sep"),
        Block("x.md:8", "sh", "ls\n\n    deep"),
        Block("x.md:15", "", "more"),
    ]
