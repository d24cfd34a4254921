# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Queries for entries of the METS by their attributes, with the options of core's ``find``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import click

from ...errors import UsageError
from ...workspace.contents import MetsAccess, MetsFile
from ...workspace.selection import select_pages

_OPTIONS = (
    click.option("-G", "--file-grp", metavar="FILTER", help="File group."),
    click.option("-i", "--file-id", metavar="FILTER", help="ID of the file."),
    click.option("-g", "--page-id", metavar="FILTER", help="Pages, as for the processors."),
    click.option("-m", "--mimetype", metavar="FILTER", help="Media type."),
    click.option(
        "-q", "--include-file-grps", metavar="GROUP", multiple=True,
        help="Only this group; repeatable.",
    ),
    click.option(
        "-Q", "--exclude-file-grps", metavar="GROUP", multiple=True,
        help="Not this group; repeatable.",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Query:
    """Filters for entries; ``None`` and empty lists accept all.

    Attributes:
        file_grp: name of the group, or ``//`` and a regular expression for the whole name.
        file_id: ID of the file, likewise.
        page_id: an expression for pages; see `ocrd_rapid.workspace.selection`.
        mimetype: media type, like the name of the group.
        include_file_grps: the groups to include.
        exclude_file_grps: the groups to exclude.
    """

    file_grp: str | None = None
    file_id: str | None = None
    page_id: str | None = None
    mimetype: str | None = None
    include_file_grps: Sequence[str] = ()
    exclude_file_grps: Sequence[str] = ()

    def files(self, mets: MetsAccess) -> Iterator[MetsFile]:
        """Yield the entries in the order of the METS.

        Raises:
            UsageError: a regular expression is invalid, or there is no such page.
        """
        in_group, has_id, of_type = map(matcher, (self.file_grp, self.file_id, self.mimetype))
        pages = None
        if self.page_id is not None:
            pages = set(select_pages(self.page_id, mets.structure()))
        for group in mets.groups:
            if not in_group(group) or group in self.exclude_file_grps:
                continue
            if self.include_file_grps and group not in self.include_file_grps:
                continue
            for file in mets.files(group):
                on_page = pages is None or file.page_id in pages
                if on_page and has_id(file.id) and of_type(file.mimetype):
                    yield file


def matcher(expression: str | None) -> Callable[[str], bool]:
    """Return a function that tells whether a value matches an expression.

    Args:
        expression: the value, or ``//`` and a regular expression; ``None`` for any value.

    Raises:
        UsageError: the regular expression is invalid.
    """
    if expression is None:
        return lambda value: True
    if not expression.startswith("//"):
        return lambda value: value == expression
    try:
        pattern = re.compile(expression[2:])
    except re.error as error:
        raise UsageError(f"invalid regular expression '{expression[2:]}': {error}") from error
    return lambda value: pattern.fullmatch(value) is not None


def query_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a query, named as the fields of `Query`."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function
