# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Corrections made in another program, from its PAGE-XML.

Such programs do not keep all marks of `ocrd_rapid.workspace.ground_truth`, and eScriptorium keeps
none, nor the words. What all keep is the IDs of lines. So a page that comes back is compared with
the one in the workspace, and only what differs is taken: the page there keeps its marks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from ..errors import CorrectionsError
from ..workspace.file_locations import local_path
from ..workspace.ground_truth import LineState, state_of
from ..workspace.page import PageDocument
from ..workspace.segments import TextLine
from .corrected_pages import texts_of
from .corrections import Corrections, LineCorrection, PageCorrections, one_line
from .group_files import GroupFiles


def corrections_of_pages(files: GroupFiles, paths: Sequence[Path]) -> Corrections:
    """Return what was corrected in the PAGE-XML of another program.

    A line with another text counts as corrected; so it is not known whether a person or a model
    wrote it. Lines without text say nothing, and lines that are no longer there stay.

    Args:
        files: the pages that the program was given; they are known by the names of their images.
        paths: the PAGE-XML that it gave back.

    Raises:
        PageXmlError: a file is missing or not PAGE-XML.
        CorrectionsError: a page is not one of the group, or has lines that this lacks.
    """
    pages = _by_image(files)
    found: dict[str, PageCorrections] = {}
    for path in paths:
        after = PageDocument.read(path)
        name = _stem(after.image_filename)
        if name not in pages:
            raise CorrectionsError(
                f"{path}: no page, or several, of file group {files.group} have an image {name}.*"
            )
        page = pages[name]
        if page in found:
            raise CorrectionsError(f"{path}: page {page} is there twice")
        before = files.read(page)
        try:
            lines = tuple(_changes(before, after))
        except CorrectionsError as error:
            raise CorrectionsError(f"{path}: {error}") from error
        found[page] = PageCorrections(page, files.sha256(page), lines)
    return Corrections(files.group, tuple(found.values()))


def _by_image(files: GroupFiles) -> Mapping[str, str]:
    """Return the pages of a group by the names of their images, as far as these tell them apart."""
    found: dict[str, list[str]] = {}
    for page in files.pages:
        found.setdefault(_stem(files.read(page).image_filename), []).append(page)
    return {name: pages[0] for name, pages in found.items() if len(pages) == 1}


def _stem(name: str) -> str:
    """Return the name of an image without its folder and kind, which others change."""
    return PurePosixPath(local_path(Path(), name).as_posix()).stem


def _changes(before: PageDocument, after: PageDocument) -> Iterator[LineCorrection]:
    old = texts_of(before)
    known = {line.id: line for line in _lines(before)}
    for line in _lines(after):
        new = one_line(line.transcript)
        if line.id not in known:
            if not new:
                continue
            raise CorrectionsError(
                f"line {line.id} ('{new[:40]}') is not in the workspace: lines that were added"
                " elsewhere cannot be taken over"
            )
        state = state_of(line)
        if new and new != old[line.id]:
            yield LineCorrection(line.id, old[line.id], new, LineState.CORRECTED)
        elif state is not None and state_of(known[line.id]) is None:
            text = new if state.has_text else ""
            if text or not state.has_text:
                yield LineCorrection(line.id, old[line.id], text, state)


def _lines(document: PageDocument) -> list[TextLine]:
    return [line for region in document.text_regions() for line in region.lines]
