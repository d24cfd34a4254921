# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``clear-cache``."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import click

from ...cache import PARTS, CachePart, Entry
from ...errors import StorageError
from ..tables import echo_table, readable_size
from .output import json_option, print_json

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Content:
    """A part of the cache: all its entries, those to remove, and those that cannot be removed."""

    part: CachePart
    entries: Sequence[Entry]
    wanted: Sequence[Entry]
    kept: Sequence[Entry] = ()

    @property
    def removed(self) -> list[Entry]:
        """The entries that were removed, or would be."""
        kept = set(self.kept)
        return [entry for entry in self.wanted if entry not in kept]


@click.command("clear-cache")
@click.option(
    "--part",
    "names",
    metavar="PART",
    multiple=True,
    type=click.Choice([part.name for part in PARTS]),
    help=f"Only this part: {', '.join(part.name for part in PARTS)}; repeatable."
    "  [default: all but training]",
)
@click.option(
    "--older-than",
    type=click.IntRange(min=0),
    metavar="DAYS",
    help="Only entries not used for this many days.",
)
@click.option("--dry-run", is_flag=True, help="Only show what would be removed.")
@json_option
def clear_cache(
    names: tuple[str, ...], older_than: int | None, dry_run: bool, as_json: bool
) -> None:
    """Empty the user's cache, and list its contents by part.

    Everything except trainings is computed or downloaded again when needed. Trainings, which
    'train --resume' continues, are removed only with --part training. Installed resources and the
    user database are not in the cache.

    \b
    Examples:
      ocrd-rapid resmgr clear-cache --dry-run
      ocrd-rapid resmgr clear-cache --older-than 30
      ocrd-rapid resmgr clear-cache --part training --part features
    """
    contents = [_content(part, names, older_than) for part in PARTS]
    if not dry_run:
        contents = [_remove(content) for content in contents]
    if as_json:
        print_json([_as_dict(content) for content in contents])
    else:
        _show(contents, "to free" if dry_run else "freed")
    kept = [entry for content in contents for entry in content.kept]
    if kept:
        raise StorageError(
            f"{len(kept)} of {sum(len(content.wanted) for content in contents)} entries of the"
            f" cache cannot be removed, first {kept[0].path}; make {kept[0].path.parent} writable"
        )


def _content(part: CachePart, names: Sequence[str], older_than: int | None) -> _Content:
    for folder in part.folders():
        if folder.is_symlink():
            LOG.warning("%s is a link; its target is left alone", folder)
    entries = list(part.entries())
    if part.name not in names and (names or part.precious):
        return _Content(part, entries, [])
    old = [entry for entry in entries if older_than is None or entry.older_than(older_than)]
    return _Content(part, entries, old)


def _remove(content: _Content) -> _Content:
    part, kept = content.part, []
    for entry in content.wanted:
        if part.precious:
            LOG.info("Removing %s '%s', last used on %s", part.name, entry.path.name, _day(entry))
        if not part.discard(entry.path):
            kept.append(entry)
    return _Content(part, content.entries, content.wanted, kept)


def _as_dict(content: _Content) -> dict[str, Any]:
    return {
        "part": content.part.name,
        "holds": content.part.holds,
        "folders": [str(folder) for folder in content.part.folders()],
        "entries": len(content.entries),
        "size": _size(content.entries),
        "removed": len(content.removed),
        "freed": _size(content.removed),
        "names": [e.path.name for e in content.entries] if content.part.precious else None,
    }


def _show(contents: Sequence[_Content], freed: str) -> None:
    """Print a table, and below it the entries that are not removed by default."""
    rows: list[Sequence[str]] = [("part", "entries", "size", freed, "what")]
    for content in contents:
        part = content.part
        rows.append(_row(part.name, content.entries, content.removed, part.holds))
    everything = [entry for content in contents for entry in content.entries]
    removed = [entry for content in contents for entry in content.removed]
    echo_table([*rows, _row("all", everything, removed, "")])
    for content in contents:
        for entry in content.entries if content.part.precious else ():
            click.echo(f"{content.part.name}: {entry.path.name}, last used on {_day(entry)}")


def _row(name: str, there: Sequence[Entry], removed: Sequence[Entry], what: str) -> Sequence[str]:
    sizes = (readable_size(_size(there)), readable_size(_size(removed)))
    return (name, str(len(there)), *sizes, what)


def _size(entries: Iterable[Entry]) -> int:
    return sum(entry.size for entry in entries)


def _day(entry: Entry) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(entry.used))
