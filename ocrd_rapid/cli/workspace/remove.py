# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``remove``, ``remove-group``, ``prune-files``: remove entries of the METS, and files."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from ...config.similar import did_you_mean
from ...errors import InputError, MetsError, UsageError
from ...workspace.contents import MetsFile
from ...workspace.file_locations import is_there
from ...workspace.workspace import Workspace
from .files import Place
from .query import Query, matcher, query_options

LOG = logging.getLogger(__name__)


@click.command("remove")
@click.option("-k", "--keep-file", is_flag=True, help="Keep the files on disk.")
@click.option("-f", "--force", is_flag=True, help="Continue if an entry or a file is missing.")
@click.argument("identifiers", metavar="ID...", nargs=-1, required=True)
@click.pass_obj
def remove(place: Place, keep_file: bool, force: bool, identifiers: tuple[str, ...]) -> None:
    """Remove files by ID, from the METS and from disk.

    An ID can be // and a regular expression for the whole ID. Files outside the workspace, and
    those of other entries, stay on disk.

    \b
    Examples:
      ocrd-rapid workspace -d book remove OCR_0001
      ocrd-rapid workspace -d book remove --keep-file '//OCR_.*'
    """
    workspace = Workspace.open(*place)
    entries = [file for group in workspace.mets.groups for file in workspace.mets.files(group)]
    names = _expand("file", identifiers, [file.id for file in entries], force=force)
    _remove(workspace, [file for file in entries if file.id in names], keep_file, force)


@click.command("remove-group")
@click.option("-r", "--recursive", is_flag=True, help="Also remove the files in the group.")
@click.option("-f", "--force", is_flag=True, help="Continue if a group or a file is missing.")
@click.option("-k", "--keep-files", is_flag=True, help="Keep the files on disk.")
@click.argument("groups", metavar="GROUP...", nargs=-1, required=True)
@click.pass_obj
def remove_group(
    place: Place, recursive: bool, force: bool, keep_files: bool, groups: tuple[str, ...]
) -> None:
    """Remove file groups, and their directories once empty.

    A GROUP can be // and a regular expression for the whole name.

    \b
    Examples:
      ocrd-rapid workspace -d book remove-group -r OCR-D-OCR
    """
    workspace = Workspace.open(*place)
    names = _expand("file group", groups, workspace.mets.groups, force=force)
    entries = [file for name in names for file in workspace.mets.files(name)]
    if entries and not recursive:
        raise UsageError(
            f"file group {entries[0].group} is not empty; also remove its files with --recursive"
        )
    _remove(workspace, entries, keep_files, force)
    for name in names:
        workspace.document.remove_group(name)
    workspace.save()
    folders = {Path(file.path).parent.as_posix() for file in entries if file.path}
    for folder in {*names, *folders} - {"."}:
        if _is_inside(workspace.directory / folder, workspace.directory):
            with contextlib.suppress(OSError):  # it is not empty, or is not there
                (workspace.directory / folder).rmdir()


@click.command("prune-files")
@query_options
@click.pass_obj
def prune_files(place: Place, /, **query: Any) -> None:
    """Remove the entries whose files are not on disk.

    A FILTER is a value, or // and a regular expression for the whole value.

    \b
    Examples:
      ocrd-rapid workspace -d book prune-files
      ocrd-rapid workspace -d book prune-files -G OCR-D-IMG
    """
    workspace = Workspace.open(*place)
    gone = [
        file
        for file in Query(**query).files(workspace.mets)
        if not file.path or not is_there(workspace.local_path(file.path))
    ]
    _remove(workspace, gone, keep_files=True, force=True)


def _expand(
    what: str, expressions: Sequence[str], known: Iterable[str], *, force: bool
) -> list[str]:
    """Return the known names that match expressions.

    Raises:
        MetsError: a name that is not a regular expression is unknown.
    """
    wanted: list[Callable[[str], bool]] = list(map(matcher, expressions))
    known = list(known)
    names = [name for name in known if any(wants(name) for wants in wanted)]
    missing = [e for e in expressions if not e.startswith("//") and e not in names]
    if missing and not force:
        meant = did_you_mean(missing[0], known)
        raise MetsError(
            f"{what} {', '.join(dict.fromkeys(missing))} is not in the METS{meant}"
            " (--force ignores this)"
        )
    return list(dict.fromkeys(names))


def _remove(
    workspace: Workspace, entries: Sequence[MetsFile], keep_files: bool, force: bool
) -> None:
    """Remove entries, then their files, so that the METS never names a removed file.

    Raises:
        InputError: a file is missing.
    """
    entries = list({(file.group, file.id, file.path): file for file in entries}.values())
    removed = {(file.group, file.id) for file in entries}
    directory = workspace.directory
    still_named = {
        _place(workspace, file)
        for group in workspace.mets.groups
        for file in workspace.mets.files(group)
        if (file.group, file.id) not in removed and file.path
    }
    doomed = [] if keep_files else [
        file for file in entries if file.path and _place(workspace, file) not in still_named
    ]  # fmt: skip
    for file in () if keep_files or force else entries:
        if not file.path or not is_there(workspace.local_path(file.path)):
            raise InputError(
                f"file {file.id} is not on disk ({file.path or file.url});"
                " remove its entry with --force or -k"
            )
    for file in entries:
        workspace.mets.remove_file(file.id, file.group)
    workspace.save()
    for file in doomed:
        path = workspace.local_path(file.path)
        if not os.path.lexists(path):
            continue
        if not _is_inside(path, directory):
            LOG.warning("%s is outside the workspace and is kept", path)
        elif path.is_dir() and not path.is_symlink():
            LOG.warning("%s is a directory and is kept", path)
        else:
            path.unlink(missing_ok=True)
    LOG.info("removed %d file%s from the METS", len(entries), "" if len(entries) == 1 else "s")


def _place(workspace: Workspace, file: MetsFile) -> str:
    """Return the normalized path of a file, to compare it with others."""
    return os.path.normpath(workspace.local_path(file.path))


def _is_inside(path: Path, directory: Path) -> bool:
    """Return whether a path is in the workspace, with the links of its parents resolved."""
    return (path.parent.resolve() / path.name).is_relative_to(directory.resolve())
