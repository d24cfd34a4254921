# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""From the inputs of a command to documents: files, folders, patterns, standard input.

Of files whose names do not tell, the first bytes are looked at; nothing else is opened.
"""

from __future__ import annotations

import glob
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import ImageError
from ..files import natural_key
from ..rasters.formats import Other, is_scan_by_name
from ..rasters.opening import kind_of
from .document import DocumentOptions, DocumentSource

#: Stands for standard input, among inputs and among the files of a document.
STANDARD_INPUT = Path("-")


def find_documents(inputs: Sequence[str], options: DocumentOptions) -> list[DocumentSource]:
    """Return the documents that inputs name, in their order.

    A file is a document; so is a folder, with its images and PDFs in natural order, and the content
    of standard input, ``-``. A pattern such as ``scans/*.tif`` stands for the files that match. An
    input that is missing gives a document that cannot be opened, and the others are not affected.

    Args:
        inputs: the inputs, as the user named them.
        options: of these, ``recursive`` and ``one`` matter.
    """
    found = [source for name in inputs for source in _sources(name, options.recursive)]
    if options.one is None:
        return found
    sound = [source for source in found if not source.problem]
    files = tuple(file for source in sound for file in source.files)
    standard = any(source.standard_input for source in sound)
    whole = [DocumentSource(options.one, files, standard)] if files else []
    return whole + [source for source in found if source.problem]


def _sources(name: str, recursive: bool) -> list[DocumentSource]:
    if name == str(STANDARD_INPUT):
        return [DocumentSource("stdin", (STANDARD_INPUT,), standard_input=True)]
    path = Path(name)
    if path.is_dir():
        return _folder(path, recursive)
    if path.exists() or path.is_symlink():
        return [DocumentSource(path.stem, (path,))]
    if glob.has_magic(name):
        matches = sorted(_matches(name), key=natural_key)
        sources = [source for match in matches for source in _sources(match, recursive)]
        return sources or [_missing(path, f"{name} matches no file")]
    return [_missing(path, f"{name} does not exist")]


def _matches(pattern: str) -> list[str]:
    """Return what matches a pattern; ``**`` does not follow links, as they may lead in a circle."""
    found = glob.glob(pattern, recursive=True)  # noqa: PTH207
    start, stars, _ = pattern.partition("**")
    if not stars:
        return found
    depth = len(Path(start).parts)
    return [match for match in found if not _leads_through_a_link(Path(match), depth)]


def _leads_through_a_link(path: Path, depth: int) -> bool:
    """Return whether a folder below the first ``depth`` parts of a path is a link."""
    return any(len(above.parts) > depth and above.is_symlink() for above in path.parents)


def _missing(path: Path, problem: str) -> DocumentSource:
    return DocumentSource(path.stem, (path,), problem=problem)


def _folder(folder: Path, recursive: bool) -> list[DocumentSource]:
    """Return the documents in a folder: itself, and with ``recursive`` the folders in it."""
    found = []
    for inside in _folders(folder) if recursive else [folder]:
        files = tuple(path for path in _content(inside) if path.is_file() and _is_scan(path))
        if files:
            found.append(DocumentSource(inside.resolve().name, files))
    if found:
        return found
    hint = "; --recursive looks into its folders"
    deeper = not recursive and any(path.is_dir() for path in _content(folder))
    problem = f"folder {folder} has no images or PDFs{hint if deeper else ''}"
    return [DocumentSource(folder.resolve().name, (folder,), problem=problem)]


def _folders(folder: Path) -> Iterator[Path]:
    """Yield a folder and all below it; links are not followed, as they may lead in a circle."""
    yield folder
    for path in _content(folder):
        if path.is_dir() and not path.is_symlink():
            yield from _folders(path)


def _content(folder: Path) -> list[Path]:
    """Return what is in a folder in natural order, without hidden files."""
    try:
        paths = [path for path in folder.iterdir() if not path.name.startswith(".")]
    except OSError:  # not ours to look into
        return []
    return sorted(paths, key=lambda path: natural_key(path.name))


def _is_scan(path: Path) -> bool:
    """Return whether a file may be pages: by its name or, as names may be missing, its content."""
    if is_scan_by_name(path.name):
        return True
    try:
        kind = kind_of(path)
    except ImageError:
        return False
    return not isinstance(kind, Other) or kind.holds_pages
