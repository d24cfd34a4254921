# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The pairs of files to compare, from two file groups of a workspace, two folders, or two files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..addresses import redact
from ..errors import InputError
from ..workspace.contents import MetsFile
from ..workspace.ids import MIMETYPE_PAGE
from ..workspace.selection import select_pages
from ..workspace.workspace import Workspace, require_group
from .texts import JSON, SUFFIXES

#: Media types of files with text, by preference.
_MIMETYPES = (
    (MIMETYPE_PAGE,),
    ("application/alto+xml",),
    ("text/xml", "application/xml"),
    ("text/plain",),
)

#: Marks between the name of a page and the ending of a file, such as ``0001.gt.txt``.
_MARKS = {"gt", "ocr", "page", "alto"}


@dataclass(frozen=True)
class Pair:
    """A page, the file with its reference, and the file with its text."""

    page: str
    reference: Path
    text: Path


@dataclass(frozen=True)
class Pairing:
    """The pages that can be compared, and those that cannot.

    Attributes:
        pairs: the pairs in the order of the pages.
        without_text: pages that have a reference only.
        without_reference: pages that have text only.
    """

    pairs: tuple[Pair, ...]
    without_text: tuple[str, ...] = ()
    without_reference: tuple[str, ...] = ()


def pair_groups(
    workspace: Workspace, reference: str, text: str, pages: str | None = None
) -> Pairing:
    """Pair the files of two file groups by page.

    Args:
        workspace: the workspace with the groups.
        reference: file group with the ground truth.
        text: file group with the text.
        pages: value of ``--page-id``; ``None`` for all.

    Raises:
        MetsError: a group does not exist.
        UsageError: the expression selects no page.
        InputError: a page has several files in a group, or one that is only at a URL; or no page
            has a file in both groups.
    """
    for group in (reference, text):
        require_group(workspace.mets, group)
    order = select_pages(pages, workspace.mets.structure())
    files = [_group_files(workspace, group, order) for group in (reference, text)]
    return _pair(files[0], files[1], f"file group {reference}", f"file group {text}", order)


def files_of_group(workspace: Workspace, group: str, pages: str | None = None) -> dict[str, Path]:
    """Return the files of a file group with text, by their pages, in the order of these.

    Args:
        workspace: the workspace with the group.
        group: the file group.
        pages: value of ``--page-id``; ``None`` for all.

    Raises:
        MetsError: the group does not exist.
        UsageError: the expression selects no page.
        InputError: a page has several files in the group, or one that is only at a URL.
    """
    require_group(workspace.mets, group)
    return _group_files(workspace, group, select_pages(pages, workspace.mets.structure()))


def _group_files(workspace: Workspace, group: str, pages: Sequence[str]) -> dict[str, Path]:
    files = workspace.files_by_page(group)
    chosen = {page: _choose(group, page, files.get(page, [])) for page in pages}
    return {page: workspace.local_path(f.path) for page, f in chosen.items() if f is not None}


def _choose(group: str, page: str, files: Sequence[MetsFile]) -> MetsFile | None:
    """Return the file with the text of a page, ``None`` if there is none."""
    by_kind = ([file for file in files if file.mimetype in kinds] for kinds in _MIMETYPES)
    found = next(filter(None, by_kind), [])
    if len(found) > 1:
        names = ", ".join(file.id for file in found)
        raise InputError(f"page {page} has several files in file group {group}: {names}")
    if found and not found[0].path:
        raise InputError(
            f"file {found[0].id} of page {page} is only at {redact(found[0].url)};"
            " fetch it and enter its local path in the METS"
        )
    return found[0] if found else None


def pair_files(reference: Path, text: Path) -> Pairing:
    """Pair two files, or the files of two folders by their names.

    The name of a page is that of its file without endings such as ``.xml``, ``.gt.txt``,
    ``.page.xml`` or ``.alto.xml``. A file is compared with the file of the same page in a folder.
    Subfolders are ignored.

    Raises:
        InputError: a path does not exist, two files of a folder belong to the same page, or
            nothing can be compared.
    """
    for path in (reference, text):
        if not path.exists():
            raise InputError(f"{path} does not exist")
    if not reference.is_dir() and not text.is_dir():
        return Pairing((Pair(page_name(reference), reference, text),))
    references, texts = files_by_page(reference), files_by_page(text)
    # A single file is compared with one file of a folder; the others are not missing.
    if not reference.is_dir():
        texts = {name: path for name, path in texts.items() if name in references}
    if not text.is_dir():
        references = {name: path for name, path in references.items() if name in texts}
    return _pair(references, texts, str(reference), str(text), sorted({*references, *texts}))


def page_name(path: Path) -> str:
    """Return the name of a page from the name of its file."""
    name = path.name
    for suffix in (*SUFFIXES, JSON):
        if name.lower().endswith(suffix):
            name = name[: -len(suffix)]
            break
    stem, dot, mark = name.rpartition(".")
    while dot and stem and mark.lower() in _MARKS:
        name = stem
        stem, dot, mark = name.rpartition(".")
    return name


def files_by_page(path: Path, suffixes: Sequence[str] = SUFFIXES) -> dict[str, Path]:
    """Return the readable files of a folder, or a file, by the names of their pages.

    Args:
        path: the folder, or the file.
        suffixes: endings of the files of the folder that count.

    Raises:
        InputError: two files of the folder belong to the same page.
    """
    if not path.is_dir():
        return {page_name(path): path}
    found: dict[str, Path] = {}
    for file in sorted(path.iterdir()):
        if file.suffix.lower() not in suffixes or not file.is_file():
            continue
        name = page_name(file)
        if name in found:
            raise InputError(
                f"{path} has two files for page {name}: {found[name].name} and {file.name}"
            )
        found[name] = file
    return found


def _pair(
    references: Mapping[str, Path],
    texts: Mapping[str, Path],
    reference: str,
    text: str,
    order: Sequence[str],
) -> Pairing:
    both = [name for name in order if name in references and name in texts]
    if not both:
        raise InputError(
            f"nothing to compare: the {len(references)} pages of {reference}"
            f" and the {len(texts)} of {text} have none in common"
        )
    return Pairing(
        tuple(Pair(name, references[name], texts[name]) for name in both),
        tuple(name for name in order if name in references and name not in texts),
        tuple(name for name in order if name in texts and name not in references),
    )
