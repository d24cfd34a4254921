# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``list``, ``list-group``, ``list-page``, ``find``: show the contents of a workspace."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from ...errors import UsageError
from ...workspace.contents import Agent, MetsFile, PhysicalPage
from ...workspace.file_locations import local_path
from ...workspace.mets import Mets
from ...workspace.selection import select_pages
from ...workspace.workspace import Workspace, locate_mets
from ..tables import echo_table, readable_size
from .files import Place
from .query import Query, query_options

_FIELDS: Mapping[str, Callable[[MetsFile], str]] = {
    "url": lambda file: file.url,
    "mimetype": lambda file: file.mimetype,
    "page_id": lambda file: file.page_id,
    "pageId": lambda file: file.page_id,
    "file_id": lambda file: file.id,
    "ID": lambda file: file.id,
    "file_grp": lambda file: file.group,
    "fileGrp": lambda file: file.group,
    "basename": lambda file: _basename(file).name,
    "basename_without_extension": lambda file: _basename(file).name.partition(".")[0],
    "local_filename": lambda file: file.path,
}
_JSON_FIELDS = ("file_id", "file_grp", "page_id", "mimetype", "local_filename", "url")

_PAGE_FIELDS: Mapping[str, Callable[[PhysicalPage], str]] = {
    "ID": lambda page: page.id,
    "ORDER": lambda page: page.order,
    "ORDERLABEL": lambda page: page.orderlabel,
    "LABEL": lambda page: page.label,
    "CONTENTIDS": lambda page: page.contentids,
}


def _basename(file: MetsFile) -> Path:
    return Path(file.path or file.url)


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_(place: Place, as_json: bool) -> None:
    """Show an overview of pages, file groups and processing steps.

    \b
    Examples:
      ocrd-rapid workspace -d book list
      ocrd-rapid workspace -d book list --json
    """
    overview = _overview(locate_mets(*place))
    if as_json:
        click.echo(json.dumps(overview, ensure_ascii=False, indent=2))
        return
    pages = overview["pages"]
    span = f" ({pages[0]} to {pages[-1]})" if pages else ""
    click.echo(f"METS:        {overview['mets']}")
    click.echo(f"Identifier:  {overview['identifier'] or 'none'}")
    click.echo(f"Pages:       {len(pages)}{span}")
    for title, rows in (
        (("File group", "Files", "Pages", "Size", "Missing"), _group_rows(overview["groups"])),
        (("Step", "Kind", "Input", "Output"), _step_rows(overview["steps"])),
    ):
        if rows:
            click.echo()
            echo_table([title, *rows])


def _overview(path: Path) -> dict[str, Any]:
    mets = Mets.read(path)
    return {
        "mets": str(path),
        "identifier": mets.identifier,
        "pages": mets.pages,
        "groups": [_group(group, list(mets.files(group)), path.parent) for group in mets.groups],
        "steps": [_step(agent) for agent in mets.agents()],
    }


def _group(name: str, files: Sequence[MetsFile], directory: Path) -> dict[str, Any]:
    once = list({(file.id, file.path): file for file in files}.values())  # not for each page
    sizes = [_size(local_path(directory, file.path)) for file in once if file.path]
    return {
        "name": name,
        "files": len(once),
        "pages": len({file.page_id for file in files if file.page_id}),
        "bytes": sum(size for size in sizes if size is not None),
        "remote": sum(not file.path for file in once),
        "missing": sum(size is None for size in sizes),
    }


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except (OSError, ValueError):
        return None


def _step(agent: Agent) -> dict[str, Any]:
    return {"name": agent.name, "role": agent.role, "notes": dict(agent.notes)}


def _group_rows(groups: Sequence[dict[str, Any]]) -> list[tuple[str, ...]]:
    return [
        (g["name"], str(g["files"]), str(g["pages"]), readable_size(g["bytes"]), str(g["missing"]))
        for g in groups
    ]


def _step_rows(steps: Sequence[dict[str, Any]]) -> list[tuple[str, ...]]:
    ends = ("input-file-grp", "output-file-grp")
    return [(s["name"], s["role"], *(s["notes"].get(end, "") for end in ends)) for s in steps]


@click.command("list-group")
@click.pass_obj
def list_group(place: Place) -> None:
    """Print the names of the file groups.

    \b
    Examples:
      ocrd-rapid workspace -d book list-group
    """
    for group in Workspace.open(*place).mets.groups:
        click.echo(group)


@click.command("list-page")
@click.option(
    "-k", "--output-field", "fields", multiple=True, default=["ID"], show_default=True,
    type=click.Choice(list(_PAGE_FIELDS)), help="Field to print; repeatable.",
)  # fmt: skip
@click.option(
    "-f", "--output-format", default="one-per-line", show_default=True,
    type=click.Choice(["one-per-line", "comma-separated", "json"]), help="Format of the list.",
)  # fmt: skip
@click.option(
    "-D", "--chunk-number", metavar="N", default=1, show_default=True,
    type=click.IntRange(min=1), help="Number of parts of about equal size.",
)  # fmt: skip
@click.option("-C", "--chunk-index", metavar="N", type=int, help="Only this part, counted from 0.")
@click.option(
    "-r", "--page-id-range", metavar="PAGES",
    help="Only these pages, as with --page-id of the processors.",
)  # fmt: skip
@click.option(
    "-R", "--numeric-range", metavar="FIRST..LAST", help="Only pages by number, counted from 1."
)
@click.pass_obj
def list_page(
    place: Place,
    fields: tuple[str, ...],
    output_format: str,
    chunk_number: int,
    chunk_index: int | None,
    page_id_range: str | None,
    numeric_range: str | None,
) -> None:
    """Print the pages, or a part of them.

    With -f comma-separated, each part is on one line.

    \b
    Examples:
      ocrd-rapid workspace -d book list-page
      ocrd-rapid workspace -d book list-page -k ID -k ORDERLABEL
      ocrd-rapid workspace -d book list-page -r PHYS_0001..PHYS_0010
      ocrd-rapid workspace -d book list-page -f comma-separated -D 4 -C 0
    """
    structure = Workspace.open(*place).mets.structure()
    chosen = set(select_pages(page_id_range, structure))
    rows = [[_PAGE_FIELDS[f](p) for f in fields] for p in structure.pages if p.id in chosen]
    parts = _parts(rows[_numbers(numeric_range)], chunk_number)
    if chunk_index is not None:
        try:
            parts = [parts[chunk_index]] if parts else []
        except IndexError as error:
            raise UsageError(
                f"--chunk-index {chunk_index}: there are only {len(parts)} parts"
            ) from error
    if output_format == "json":
        click.echo(json.dumps(parts, ensure_ascii=False))
        return
    separator = "\n" if output_format == "one-per-line" else ","
    for part in parts:
        click.echo(separator.join("\t".join(row) for row in part))


def _numbers(numeric_range: str | None) -> slice:
    if numeric_range is None:
        return slice(None)
    first, _, last = numeric_range.partition("..")
    if not (first.isdecimal() and last.isdecimal() and 1 <= int(first) <= int(last)):
        raise UsageError(f"--numeric-range '{numeric_range}' is not FIRST..LAST, such as 1..10")
    return slice(int(first) - 1, int(last))


def _parts(rows: list[list[str]], number: int) -> list[list[list[str]]]:
    """Divide rows into parts as equal as possible, the longer ones first; no rows have no parts."""
    if not rows:
        return []
    if number > len(rows):
        raise UsageError(f"--chunk-number {number}: there are only {len(rows)} pages")
    size, longer = divmod(len(rows), number)
    ends = [size * (i + 1) + min(i + 1, longer) for i in range(number)]
    return [rows[start:end] for start, end in zip([0, *ends], ends, strict=False)]


@click.command("find")
@query_options
@click.option(
    "-k", "-o", "--output-field", "fields", metavar="FIELD", multiple=True,
    default=["local_filename"], type=click.Choice(list(_FIELDS)), show_default=True,
    help=f"Field to print: {', '.join(_FIELDS)}; repeatable.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with all fields.")
@click.pass_obj
def find(place: Place, /, fields: tuple[str, ...], as_json: bool, **query: Any) -> None:
    """Print the files that match all filters.

    A FILTER is a value, or // and a regular expression for the whole value.

    \b
    Examples:
      ocrd-rapid workspace -d book find -G OCR-D-OCR
      ocrd-rapid workspace -d book find -m '//image/.*' -k ID -k local_filename
    """
    found = list(Query(**query).files(Workspace.open(*place).mets))
    if as_json:
        entries = [{name: _FIELDS[name](file) for name in _JSON_FIELDS} for file in found]
        click.echo(json.dumps(entries, ensure_ascii=False, indent=2))
        return
    if not {"page_id", "pageId"} & set(fields):  # a file of several pages is one file
        found = list({(file.group, file.id, file.path): file for file in found}.values())
    for file in found:
        click.echo("\t".join(_FIELDS[field](file) for field in fields))
