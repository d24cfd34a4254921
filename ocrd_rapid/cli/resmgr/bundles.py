# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``export`` and ``import``: for machines without a network."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from ...errors import ResourceNotFoundError
from ...resmgr import bundles
from ...resmgr.download import Action
from ...resmgr.locations import Location, missing_message
from .listing import find_installed
from .output import as_dict, json_option, print_json

LOG = logging.getLogger(__name__)


@click.command("export")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Bundle to write.",
)
@json_option
@click.argument("executable", required=False)
@click.argument("names", nargs=-1)
def export(output: Path, as_json: bool, executable: str | None, names: tuple[str, ...]) -> None:
    """Pack installed resources into one file: all, those of EXECUTABLE, or NAMES.

    \b
    Examples:
      ocrd-rapid resmgr export -o models.zip
      ocrd-rapid resmgr import models.zip       # on the other machine
    """
    everything = [item for found in find_installed(executable).values() for item in found]
    # Resources shipped with a processor's package are on the other machine, too.
    items = [item for item in everything if item.origin != "module"]
    for name in names:
        if name not in {item.path.name for item in items}:
            raise ResourceNotFoundError(missing_message(name, executable or ""))
    chosen = [item for item in items if not names or item.path.name in names]
    resources = bundles.export(chosen, output)
    LOG.info("Packed %d resources into %s", len(resources), output)
    if as_json:
        print_json([as_dict(resource) for resource in resources])


@click.command("import")
@click.option(
    "-l",
    "--location",
    type=click.Choice([location.value for location in Location]),
    default=Location.DATA.value,
    show_default=True,
    help="Location to install to.",
)
@click.option("-o", "--overwrite", is_flag=True, help="Replace installed resources.")
@json_option
@click.argument("bundle", type=click.Path(path_type=Path))
def import_(location: str, overwrite: bool, as_json: bool, bundle: Path) -> None:
    """Install the resources in BUNDLE, a file written by 'export'.

    \b
    Examples:
      ocrd-rapid resmgr import models.zip
      ocrd-rapid resmgr import -l system models.zip
    """
    outcomes = []
    for outcome in bundles.install(bundle, location=Location(location), overwrite=overwrite):
        outcomes.append(outcome)
        verb = "Kept" if outcome.action is Action.KEEP else "Installed"
        LOG.info("%s %s", verb, outcome.path)
    if as_json:
        print_json([{**as_dict(o.resource), "path": str(o.path)} for o in outcomes])
