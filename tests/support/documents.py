# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The documents of the project, and the code in them."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: All that people read as Markdown, by the path from the root.
DOCUMENTS = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in sorted(
        [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")]
    )
}

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_INDENTED = re.compile(r"(?<=\n\n)(?:(?: {4}.*)?\n)+", re.MULTILINE)
_PYTHON = re.compile(r"(from|import) \w")


@dataclass(frozen=True)
class Block:
    """A block of code.

    Attributes:
        place: the document and the line of the block, as ``docs/python.md:8``.
        language: as the fence names it; without a name, ``python`` for what begins with an import.
        code: without the indentation of the block.
    """

    place: str
    language: str
    code: str


def blocks() -> list[Block]:
    """Return the blocks of code of all documents, fenced and indented ones."""
    return [block for path, text in DOCUMENTS.items() for block in blocks_of(path, text)]


def blocks_of(path: str, text: str) -> list[Block]:
    """Return the blocks of code of one document."""
    found = [(match.start(2), match[1], match[2]) for match in _FENCED.finditer(text)]
    # Fences are blanked out and not removed: the lines keep their numbers.
    rest = _FENCED.sub(lambda match: re.sub(r"[^\n]", "x", match[0]), text)
    found += [(match.start(), "", match[0]) for match in _INDENTED.finditer(rest)]
    named = []
    for start, language, code in sorted(found):
        code = textwrap.dedent(code).strip("\n")
        if code:
            language = language or ("python" if _PYTHON.match(code) else "")
            named.append(Block(f"{path}:{text.count(chr(10), 0, start) + 1}", language, code))
    return named


def shell_code(path: str) -> list[str]:
    """Return the code of the blocks of a document that are for a shell."""
    return [block.code for block in blocks_of(path, DOCUMENTS[path]) if block.language == "sh"]


def inline_code() -> list[tuple[str, str]]:
    """Return the code within sentences of all documents, each with its document."""
    found = []
    for path, text in DOCUMENTS.items():
        prose = _FENCED.sub("", text)
        found += [(path, " ".join(code.split())) for code in re.findall(r"`([^`]+)`", prose)]
    return found
