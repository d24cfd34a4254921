# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``verify``, ``remove``, ``migrate``."""

from __future__ import annotations

import logging

import click

from ...config.similar import nearest
from ...errors import IntegrityError, UnknownResourceError, UsageError
from ...resmgr import maintenance
from ...resmgr.resource import check_name
from .listing import executable_option, find_installed
from .output import json_option, print_json

LOG = logging.getLogger(__name__)


@click.command("verify")
@executable_option
@json_option
def verify(executable: str | None, as_json: bool) -> None:
    """Check installed resources against their hashes.

    Prints 'ok', 'wrong' or 'unknown' (no known hash) for each; the exit code is 6 if any is wrong.

    \b
    Examples:
      ocrd-rapid resmgr verify
      ocrd-rapid resmgr verify -e ocrd-rapid-recognize --json
    """
    items = [item for found in find_installed(executable).values() for item in found]
    results = []
    for result in maintenance.verify(items):
        results.append(result)
        if not as_json:
            detail = f" ({result.detail})" if result.state is maintenance.State.WRONG else ""
            click.echo(f"{result.state.value:8}{result.item.path}{detail}")
    if as_json:
        print_json(
            [
                {
                    "executable": r.item.resource.executable,
                    "name": r.item.resource.name,
                    "path": str(r.item.path),
                    "state": r.state.value,
                    "detail": r.detail or None,
                }
                for r in results
            ]
        )
    wrong = [r.item.resource for r in results if r.state is maintenance.State.WRONG]
    if wrong:
        raise IntegrityError(
            f"{len(wrong)} of {len(results)} resources are wrong; replace the first with:"
            f" ocrd-rapid resmgr download --overwrite {wrong[0].executable} {wrong[0].name}"
        )


@click.command("remove")
@click.argument("executable")
@click.argument("name")
def remove(executable: str, name: str) -> None:
    """Delete the installed resource NAME of processor EXECUTABLE.

    \b
    Examples:
      ocrd-rapid resmgr remove ocrd-rapid-recognize my-model.onnx
    """
    check_name(name)
    everything = find_installed(executable)[executable]
    items = [item for item in everything if item.origin != "module"]
    matching = [item for item in items if item.path.name == name]
    shipped = [i.path for i in everything if i.origin == "module" and i.path.name == name]
    if shipped and not matching:
        raise UsageError(
            f"'{name}' ships with the package of {executable} and cannot be removed ({shipped[0]})"
        )
    if not matching:
        similar = nearest(name, (item.path.name for item in items))
        hint = f"; did you mean {' or '.join(similar)}?" if similar else ""
        raise UnknownResourceError(f"'{name}' is not installed for {executable}{hint}")
    for item in matching:
        maintenance.remove(item)
        LOG.info("Removed %s", item.path)


@click.command("migrate")
@click.argument("migration", type=click.Choice(["2.37.0"]))
def migrate(migration: str) -> None:
    """Convert a user database from before version MIGRATION of OCR-D core.

    \b
    Examples:
      ocrd-rapid resmgr migrate 2.37.0
    """
    from ...resmgr import database

    backup = database.migrate()
    if backup is None:
        click.echo("Nothing to migrate")
    else:
        click.echo(f"Migrated; the old database is kept as {backup}")
