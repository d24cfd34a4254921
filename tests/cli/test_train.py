# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""ocrd-rapid train: from lines to an installed head."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from ocrd_rapid.inference.output_layers import ContextLayer
from ocrd_rapid.ocr.recognition.head_files import read_head

Call = Callable[..., Any]

TEXTS = ("das Haus", "der Hof", "ein Baum", "die Stadt", "am Rand", "im Feld", "so ein", "Seite")


def write_lines(folder: Path, other_s: str = "s", letters: Mapping[int, str] | None = None) -> None:
    """Write lines of a plain font, whose texts are as they look but maybe for some letters."""
    for number, text in enumerate(TEXTS):
        image = np.full((48, 24 * len(text) + 40, 3), 240, np.uint8)
        cv2.putText(image, text, (12, 34), cv2.FONT_HERSHEY_COMPLEX, 1.0, (20, 20, 20), 2)
        target = folder / f"d{number // 2}" / f"{number}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(target), image)
        target.with_suffix(".gt.txt").write_text(
            text.replace("s", other_s).translate(letters or {}), encoding="utf-8"
        )


@pytest.fixture
def torch() -> None:
    """Skip a test that trains where that is impossible."""
    pytest.importorskip("torch", reason="training needs torch: pip install '.[train]'")


def test_what_is_missing_says_how_to_get_it(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    done = call("ocrd-rapid", "train", "mine", "lines")
    assert done.code == 9
    assert "install it with: pip install torch (its CPU build is enough" in done.complaints[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["mine"], "give SOURCES, or a file group with -I"),
        (["../mine", "lines"], "is not a valid name for a head"),
        (["mine", "lines", "--device", "abacus"], "abacus"),
        (["mine", "lines", "--hidden", "8", "--context", "4"], "--context must be odd, not 4"),
        (["mine", "lines", "--stretch", "9"], "--stretch"),
    ],
)
def test_wrong_arguments_are_usage_errors(call: Call, arguments: list[str], words: str) -> None:
    done = call("ocrd-rapid", "train", *arguments)
    assert done.code == 2 and words in done.err


def test_a_head_is_trained_installed_and_found(
    torch: None, models: Path, call: Call, here: Path, own_home: Path
) -> None:
    write_lines(here / "lines", "ꝛ")
    options = ["--epochs", "60", "--validation", "d3", "--curve", "c.svg", "--language", "deu"]
    done = call("ocrd-rapid", "train", "mine", *options, "lines", "--characters", "⸗")
    assert done.code == 0, done.err
    assert "training: 6 lines of 3 documents\nvalidation: 2 lines of d3\n" in done.out
    assert "roman type" in done.out and "\nꝛ          s             1      0\n" in done.out
    name = "PP-OCRv6_rec_small_mine.npz"
    path = own_home / "data" / "ocrd-resources" / "ocrd-rapid-recognize" / name
    assert f"Installed {path}\n" in done.out
    assert (here / "c.svg").read_text(encoding="utf-8").startswith("<svg")
    head = read_head(path)
    assert head.name == "mine" and not head.automatic
    assert {"⸗", "ꝛ", "ä"} < set(head.characters)
    assert head.header["languages"] == ["deu"]
    assert head.header["training"]["lines"] == 6
    assert head.header["measured"]["after"] < head.header["measured"]["before"]
    listed = call("ocrd-rapid", "resmgr", "list-installed", "-e", "ocrd-rapid-recognize")
    assert name in listed.out
    again = call("ocrd-rapid", "train", "mine", "lines")
    assert again.code == 10 and "--overwrite" in again.err
    more = call("ocrd-rapid", "train", "next", "--head", "mine", "--epochs", "1", "lines")
    assert more.code == 0 and "Installed" in more.out


def test_the_same_lines_give_the_same_bytes(
    torch: None, models: Path, call: Call, here: Path, own_home: Path
) -> None:
    write_lines(here / "lines")
    for name in ("a.npz", "b.npz"):
        done = call("ocrd-rapid", "train", "mine", "lines", "--epochs", "2", "--output", name)
        assert done.code == 0, done.err
        shutil.rmtree(own_home / ".cache" / "ocrd-rapid", ignore_errors=True)
    assert (here / "a.npz").read_bytes() == (here / "b.npz").read_bytes()


def test_a_head_with_context_keeps_its_shape_and_its_stretch(
    torch: None, models: Path, call: Call, here: Path
) -> None:
    write_lines(here / "lines", "ꝛ")
    shape = ["--hidden", "12", "--context", "3", "--stretch", "1.5"]
    # Without validation lines the last epoch is kept, whatever it reads.
    options = ["lines", "--epochs", "2", "--validation", "0", "--output"]
    done = call("ocrd-rapid", "train", "first", *shape, *options, "first.npz", "--json")
    assert done.code == 0, done.err
    assert (
        "start: a new hidden layer of 12 over 3 columns, lines drawn 1.5 times as wide" in done.err
    )
    report = json.loads(done.out)
    assert report["new_layer"] is True and report["stretch"] == 1.5
    done = call("ocrd-rapid", "train", "next", "--head", "first.npz", *options, "next.npz")
    assert done.code == 0, done.err
    assert "start: first, lines drawn 1.5 times as wide" in done.out
    for name in ("first.npz", "next.npz"):
        head = read_head(here / name)
        assert isinstance(head.layer, ContextLayer) and head.stretch == 1.5
        assert head.layer.hidden[0].weights.shape == (3, 120, 12)
        assert "ꝛ" in head.characters and "漢" not in head.characters
    assert head.header["training"]["start"] == "first"
    assert head.header["training"]["new_layer"] is False


def test_a_head_for_another_script_is_not_asked_for_roman_type(
    torch: None, models: Path, call: Call, here: Path
) -> None:
    cyrillic = str.maketrans("abdefhiorstu", "абдефхиорсту")
    for name, letters in (("roman", {}), ("russian", cyrillic)):
        write_lines(here / name, letters=letters)
        options = ["--head", "latin", "--epochs", "1", "--validation", "0", "--json"]
        done = call("ocrd-rapid", "train", "m", name, *options, "--output", f"{name}.npz")
        assert (json.loads(done.out)["forgotten"] is None) == (name == "russian")
    assert read_head(here / "roman.npz").script == "Latn"
    assert read_head(here / "russian.npz").script != "Latn"


def test_the_report_as_json(torch: None, models: Path, call: Call, here: Path) -> None:
    write_lines(here / "lines")
    done = call("ocrd-rapid", "train", "m", "lines", "--epochs", "2", "--output", "m.npz", "--json")
    report = json.loads(done.out)
    assert report["head"] == "m.npz" and report["by_document"] is True
    assert [epoch["number"] for epoch in report["epochs"]] == [0, 1, 2]
    assert report["epochs"][0]["loss"] is None
    assert set(report) >= {"before", "after", "documents", "changes", "forgotten", "best_epoch"}


def test_an_interrupted_training_goes_on(
    torch: None, models: Path, call: Call, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ocrd_rapid.training import store

    write_lines(here / "lines")
    arguments = ["train", "m", "lines", "--epochs", "4", "--output"]
    assert call("ocrd-rapid", *arguments, "whole.npz").code == 0
    write = store.write_state

    def interrupt(path: Path, key: str, state: Any) -> None:
        write(path, key, state)
        if state.epoch == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(store, "write_state", interrupt)
    assert call("ocrd-rapid", *arguments, "part.npz").code == 130
    monkeypatch.setattr(store, "write_state", write)
    done = call("ocrd-rapid", *arguments, "part.npz", "--resume")
    assert done.code == 0 and "epoch   2" not in done.out and "epoch   3" in done.out
    assert (here / "part.npz").read_bytes() == (here / "whole.npz").read_bytes()


def test_sources_without_text_are_an_input_error(
    torch: None, models: Path, call: Call, here: Path
) -> None:
    (here / "t.tsv").write_text("gone.png\tText\n", encoding="utf-8")
    done = call("ocrd-rapid", "train", "m", "t.tsv")
    assert done.code == 8
    assert "no lines to train on" in done.err and "gone.png" in done.err
