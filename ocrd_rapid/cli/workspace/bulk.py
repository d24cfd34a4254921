# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``bulk-add``: add many files whose names tell their attributes."""

from __future__ import annotations

import glob
import logging
import re
import sys
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from ...errors import OutputExistsError, UsageError
from ...files import natural_key
from ...workspace.contents import MetsFile
from ...workspace.ids import check_id
from ...workspace.workspace import Workspace
from ..progress import progress_bar
from .files import (
    Place,
    check_page_id,
    check_target,
    copy_file,
    find_file,
    media_type,
    path_inside,
    target_path,
    warn_unless_image,
)

LOG = logging.getLogger(__name__)

_REFERENCE = re.compile(r"\{\{ *(\w+) *\}\}")


@dataclass(frozen=True)
class Templates:
    """The options that may contain groups of the regular expression as ``{{ name }}``."""

    file_grp: str
    file_id: str
    page_id: str
    mimetype: str
    url: str
    local_filename: str
    source_path: str

    def fill(self, groups: Mapping[str, str | None]) -> Templates:
        """Return the templates with their references replaced.

        Raises:
            UsageError: the regular expression has no such group.
        """

        def value(match: re.Match[str]) -> str:
            if match[1] not in groups:
                known = ", ".join(groups) or "none"
                raise UsageError(f"--regex has no group '{match[1]}' (its groups: {known})")
            return groups[match[1]] or ""

        return Templates(*(_REFERENCE.sub(value, text) for text in vars(self).values()))


@click.command("bulk-add")
@click.option("-r", "--regex", required=True, help="Regular expression that FILES must match.")
@click.option("-G", "--file-grp", metavar="GROUP", required=True, help="File group.")
@click.option(
    "-i", "--file-id", metavar="ID", default="",
    help="ID of the file.  [default: from file group and file name]",
)  # fmt: skip
@click.option("-g", "--page-id", metavar="ID", default="", help="ID of the physical page.")
@click.option(
    "-m", "--mimetype", metavar="TYPE", default="", help="Media type.  [default: by the suffix]"
)
@click.option("-u", "--url", default="", help="URL of the file.")
@click.option(
    "-l", "--local-filename", metavar="PATH", default="",
    help="Path in the workspace to copy the file to.",
)  # fmt: skip
@click.option(
    "-S", "--source-path", metavar="PATH", default="",
    help="File to copy, if FILES are not file names.",
)  # fmt: skip
@click.option("-n", "--dry-run", is_flag=True, help="Only show what would be added.")
@click.option("-f", "--force", is_flag=True, help="Replace files with the same ID.")
@click.option("-s", "--skip", is_flag=True, help="Skip FILES that do not match --regex.")
@click.argument("files", nargs=-1, required=True)
@click.pass_obj
def bulk_add(
    place: Place,
    /,
    regex: str,
    dry_run: bool,
    force: bool,
    skip: bool,
    files: tuple[str, ...],
    **templates: str,
) -> None:
    """Add FILES to the METS: names, glob patterns, or - for lines of standard input.

    Each name must match --regex from its beginning; the named groups can be used in all other
    options. Files outside the workspace are copied into it. Either all files are added or none.

    \b
    Examples:
      ocrd-rapid workspace bulk-add \\
        -r '(?P<group>[^/]+)/page_(?P<page>.*)[.][^.]+' \\
        -G '{{ group }}' -g 'PHYS_{{ page }}' 'scans/*/*.tif'
    """
    workspace = Workspace.open(*place)
    try:
        pattern = re.compile(regex)
    except re.error as error:
        raise UsageError(f"--regex: invalid regular expression '{regex}': {error}") from error
    plan: dict[str, tuple[MetsFile, Path | None]] = {}
    targets: dict[str, Path] = {}
    pages = set(workspace.mets.pages)
    for name in _names(files):
        match = pattern.match(name)
        if match is None and skip:
            continue
        if match is None:
            raise UsageError(f"'{name}' does not match --regex '{regex}'; skip it with --skip")
        filled = Templates(**templates).fill(match.groupdict())
        entry, source = _entry(name, filled, workspace.directory, pages)
        if entry.id in plan:
            raise UsageError(f"'{name}' would be the second file with ID {entry.id}")
        if source is not None and targets.setdefault(entry.path, source) != source:
            raise UsageError(
                f"'{name}' would be the second file at {entry.path}; give --local-filename"
            )
        _check_free(entry, source, workspace, force=force)
        plan[entry.id] = (entry, source)
    if dry_run:
        for entry, _ in plan.values():
            click.echo("\t".join((entry.group, entry.id, entry.page_id, entry.path or entry.url)))
        return
    _add(workspace, list(plan.values()))


def _check_free(entry: MetsFile, source: Path | None, workspace: Workspace, *, force: bool) -> None:
    """Check that an entry and its file replace nothing without ``--force``."""
    if workspace.mets.file(entry.id) is not None and not force:
        raise OutputExistsError(
            f"a file with ID {entry.id} is already in the METS; replace it with --force"
        )
    if source is not None:
        check_target(target_path(entry.path, workspace.directory), source, force=force)


def _names(files: Sequence[str]) -> Iterator[str]:
    """Yield names, with glob patterns replaced by the files that match."""
    if tuple(files) == ("-",):
        for line in sys.stdin:
            if line.strip():
                yield line.rstrip("\r\n")
        return
    for name in files:
        # Path.glob takes no absolute patterns.
        yield from sorted(glob.glob(name), key=natural_key) or [name]  # noqa: PTH207


def _entry(
    name: str, filled: Templates, directory: Path, pages: Container[str]
) -> tuple[MetsFile, Path | None]:
    """Return the entry of a file, and the file to copy, or ``None`` if there is only a URL.

    Args:
        name: the name on the command line.
        filled: the options for the file.
        directory: the directory of the workspace.
        pages: the IDs of existing pages.
    """
    group = check_id(filled.file_grp, "file group")
    if filled.page_id:
        check_page_id(filled.page_id, pages)
    named = Path(filled.source_path or name)
    default_id = re.sub(r"\W+", "_", f"{group}_{named.stem}")
    file_id = check_id(filled.file_id or default_id, "file ID")
    kind = filled.mimetype or media_type(named.name)
    if filled.url and not (directory / named).is_file() and not named.is_file():
        return MetsFile(file_id, group, filled.page_id, kind, "", filled.url), None
    source = find_file(named, Path.cwd(), directory)
    path = filled.local_filename or path_inside(source, directory) or f"{group}/{source.name}"
    return MetsFile(file_id, group, filled.page_id, kind, path, filled.url), source


def _add(workspace: Workspace, plan: Sequence[tuple[MetsFile, Path | None]]) -> None:
    with progress_bar("Adding", "file") as progress:
        for number, (entry, source) in enumerate(plan, 1):
            if source is not None:
                warn_unless_image(source, entry.mimetype)
                copy_file(source, workspace.directory / entry.path)
            workspace.mets.add_file(entry)
            progress(number, len(plan))
    workspace.save()
    LOG.info("added %d files", len(plan))
