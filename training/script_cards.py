# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Write what the files of the heads say of themselves into docs/models/scripts.md.

Usage: python training/script_cards.py

All that stands between the two marks of the document is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from scanned_heads import HEADS, ROOT

from ocrd_rapid.inference.output_layers import ContextLayer
from ocrd_rapid.ocr.recognition.head_files import Head, read_head

#: The program that made the heads, as their headers name it.
SOURCE = "training/scripts.py"
DOCUMENT = ROOT / "docs/models/scripts.md"
_MARKS = ("<!-- written by training/script_cards.py -->", "<!-- end -->")
_ERRORS = ("good scans", "bad scans", "spellings", "printed lines")
_COLUMNS = ("head", "script", "classes", "size, kB", "stretch", *_ERRORS)


def write_cards(document: Path = DOCUMENT, folder: Path = HEADS) -> None:
    """Write the facts of all heads of scripts into the document."""
    heads = [
        (head, path.stat().st_size)
        for path in sorted(folder.glob("*.npz"))
        if (head := read_head(path)).header.get("training", {}).get("script") == SOURCE
    ]
    text = document.read_text(encoding="utf-8")
    begin, end = (re.escape(mark) for mark in _MARKS)
    cards = "\n".join([_MARKS[0], "", *_table(heads), "", *_details(heads), _MARKS[1]])
    replaced = re.sub(f"{begin}.*{end}", lambda _: cards, text, flags=re.DOTALL)
    document.write_text(replaced, encoding="utf-8")


def _table(heads: Iterable[tuple[Head, int]]) -> list[str]:
    rows = [f"| {' | '.join(_COLUMNS)} |", "|---" * len(_COLUMNS) + "|"]
    for head, size in heads:
        measured = head.header["measured"]
        errors = [measured.get(kind) for kind in _ERRORS]
        cells = [
            f"`{head.name}`",
            f"{head.script} ({', '.join(head.header['languages'])})",
            str(len(head.characters)),
            str(round(size / 1000)),
            f"{head.stretch:g}",
            *("" if error is None else f"{error:.2f}" for error in errors),
        ]
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def _details(heads: Iterable[tuple[Head, int]]) -> list[str]:
    found = []
    for head, _ in heads:
        training = head.header["training"]
        shape = ""
        if isinstance(head.layer, ContextLayer):
            shapes = [part.weights.shape for part in head.layer.hidden]
            units = " and ".join(str(outputs) for _, _, outputs in shapes)
            shape = f"{units} units over {shapes[0][0]} columns, "
        found += [
            f"### `{head.name}`",
            "",
            f"{shape}{training['lines']} lines, {training['epochs']} epochs.",
            f"Licence {head.header['licence']}. {head.header['attribution']}.",
            "",
            *(f"- {use}: {', '.join(training[use])}." for use in ("learnt", "judged by")),
            "",
        ]
    return found


if __name__ == "__main__":
    write_cards()
