# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Where the outputs of a conversion go: names of files, or standard output."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError
from ..export.output_formats import OutputFormat
from ..files import file_name

#: The value of ``-o`` that means standard output.
STDOUT = "-"

#: Longest stem, in bytes: file systems allow 255 for a name, and a number and suffix follow.
_LONGEST = 235


@dataclass(frozen=True)
class NamedDocument:
    """What the names of the outputs of a document depend on.

    Attributes:
        stem: the stem of its files, see `unique_stems`.
        pages: the numbers of its pages that are read; empty if it could not be opened.
        page_count: number of all its pages.
    """

    stem: str
    pages: tuple[int, ...]
    page_count: int


@dataclass(frozen=True)
class Target:
    """A file to write.

    Attributes:
        format: its format.
        path: the file; ``None`` for standard output.
        page: the number of its page; ``None`` if it has all pages.
    """

    format: OutputFormat
    path: Path | None
    page: int | None = None


def unique_stems(names: Sequence[tuple[str, str]]) -> list[str]:
    """Return the stems of the files of documents.

    A document gets its short name; if two have the same, both get their full names; if these are
    the same, too, all but the first get a number. Names that differ in case or in the
    normalization of Unicode count as the same, as some file systems have it.

    Args:
        names: a short and a full name of each document, such as ``a`` and ``a.png``.
    """
    counts = Counter(_key(_clean(short)) for short, _ in names)
    wanted = [_clean(short if counts[_key(_clean(short))] == 1 else full) for short, full in names]
    firsts = {_key(stem): number for number, stem in reversed(list(enumerate(wanted)))}
    taken = set(firsts)
    chosen = []
    for number, stem in enumerate(wanted):
        unique, count = stem, 1
        while firsts.get(_key(stem)) != number and _key(unique) in taken:
            count += 1
            unique = f"{stem}_{count}"
        taken.add(_key(unique))
        chosen.append(unique)
    return chosen


def _clean(name: str) -> str:
    cleaned = file_name(name)
    if len(os.fsencode(cleaned)) > _LONGEST:
        cleaned = os.fsencode(cleaned)[:_LONGEST].decode("utf-8", "ignore")
    return cleaned if cleaned.strip(". ") else "document"


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def plan_targets(
    output: str, formats: Sequence[OutputFormat], documents: Sequence[NamedDocument]
) -> list[list[Target]]:
    """Return the files to write for each document.

    Args:
        output: the value of ``-o``: empty or ``-`` for standard output; a file, for one document
            and one format; or a folder: one that exists, whose name ends in a slash, or for more
            than one file.
        formats: the formats, each once.
        documents: the documents, those that could not be opened among them.

    Raises:
        UsageError: standard output or a file cannot take what is to be written.
    """
    if output in ("", STDOUT):
        _check_stdout(output, formats, documents)
        return [[Target(formats[0], None, _only(formats[0], d))] for d in documents]
    folder = Path(output)
    one = len(formats) == 1 and len(documents) == 1
    one = one and not (formats[0].by_page and len(documents[0].pages) > 1)
    if one and not (output.endswith(("/", os.sep)) or folder.is_dir()):
        return [[Target(formats[0], folder, _only(formats[0], documents[0]))]]
    if folder.exists() and not folder.is_dir():
        raise UsageError(
            f"{output} is a file, and there is more than one file to write; name a folder with -o"
        )
    return [
        [target for known in formats for target in _in_folder(folder, known, document)]
        for document in documents
    ]


def _only(known: OutputFormat, document: NamedDocument) -> int | None:
    return document.pages[0] if known.by_page and document.pages else None


def _in_folder(folder: Path, known: OutputFormat, document: NamedDocument) -> list[Target]:
    stem, suffix = document.stem, known.suffix
    if not known.by_page:
        return [Target(known, folder / f"{stem}{suffix}")]
    if document.page_count == 1:
        return [Target(known, folder / f"{stem}{suffix}", page) for page in document.pages]
    return [Target(known, folder / stem / f"{page:04d}{suffix}", page) for page in document.pages]


def _check_stdout(
    output: str, formats: Sequence[OutputFormat], documents: Sequence[NamedDocument]
) -> None:
    """Check that all outputs make sense one after the other on standard output.

    Raises:
        UsageError: they do not.
    """
    remedy = "name a file or folder with -o"
    if len(formats) > 1:
        names = ", ".join(known.name for known in formats)
        raise UsageError(f"only one format can go to standard output, not {names}; {remedy}")
    [known] = formats
    if not (known.text or output == STDOUT):
        raise UsageError(f"{known.name} is not text; {remedy}, or -o - for standard output")
    if len(documents) > 1 and known.series is None:
        raise UsageError(f"{known.name} of several documents needs a file for each; {remedy}")
    single = known.by_page or (known.shows_pages and output != STDOUT)
    if single and any(len(document.pages) > 1 for document in documents):
        raise UsageError(f"{known.name} of several pages needs a folder; {remedy}")
