"""``ocrd-rapid resmgr``: list and install resources.

The options and the format of the lists are those of ``ocrd resmgr`` of OCR-D core 3.13.3.
"""

from __future__ import annotations

import fnmatch
import logging
from collections.abc import Iterable
from pathlib import Path

import click

from ..resmgr.download import Outcome
from ..resmgr.locations import Location
from ..resmgr.resource import Resource

LOG = logging.getLogger(__name__)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """List and install models and other resources of processors."""


@command.command("list-available")
@click.option("-e", "--executable", default="ocrd-*", show_default=True, help="Glob pattern.")
def list_available(executable: str) -> None:
    """List the resources that can be installed, by processor.

    Example: ocrd-rapid resmgr list-available -e ocrd-rapid-recognize
    """
    from ..resmgr import catalogue, database

    known = [*catalogue.bundled(), *database.read()]
    names = [name for name in dict.fromkeys(known) if fnmatch.fnmatchcase(name, executable)]
    for name in names or [executable]:
        _print_stanza(name, database.entries(name).values())


@command.command("list-installed")
@click.option("-e", "--executable", help="Only this processor.")
def list_installed(executable: str | None) -> None:
    """List the resources that are installed, by processor."""
    from ..config.tools import executables
    from ..resmgr import installed

    names = [executable] if executable else installed.executables_with_resources()
    ours = [] if executable else [name for name in executables() if name not in names]
    for name in [*names, *ours]:
        found = [item.resource for item in installed.list_installed(name)]
        if found or executable:
            _print_stanza(name, found)


def _print_stanza(executable: str, resources: Iterable[Resource]) -> None:
    click.echo(executable)
    for resource in resources:
        click.echo(f"- {resource.name} @  ({resource.url_with_hash})\n  {resource.description}")
    click.echo()


@command.command("download")
@click.option(
    "-n", "--any-url", help="URL or path of a resource that no database knows (or of a copy)."
)
@click.option("-o", "--overwrite", is_flag=True, help="Replace an installed resource.")
@click.option("-a", "--allow-uninstalled", is_flag=True, help="For processors not on the PATH.")
@click.option(
    "-l",
    "--location",
    type=click.Choice([location.value for location in Location]),
    default=Location.DATA.value,
    show_default=True,
    help="Where to install.",
)
@click.argument("executable")
@click.argument("name", required=False)
def download(
    any_url: str | None,
    overwrite: bool,
    allow_uninstalled: bool,
    location: str,
    executable: str,
    name: str | None,
) -> None:
    """Install resource NAME of processor EXECUTABLE ('*' for all resources).

    Nothing appears at its final place before its hash was checked.

    \b
    Examples:
      ocrd-rapid resmgr download ocrd-rapid-recognize PP-OCRv6_rec_small.onnx
      ocrd-rapid resmgr download -n /media/stick/my.onnx ocrd-rapid-recognize my.onnx
      ocrd-rapid resmgr download -l system ocrd-rapid-detect '*'
    """
    from ..resmgr import download as downloads

    _require_installed(executable, allow_uninstalled)
    requested = _requested(executable, name, any_url)
    for resource in requested:
        outcome = _download(resource, Location(location), overwrite)
        if outcome.action is downloads.Action.KEEP:
            LOG.info("%s is installed already", outcome.path)
        else:
            LOG.info("Installed %s", outcome.path)
        LOG.info("Use in parameters as '%s'", resource.parameter_value)


def _require_installed(executable: str, allow_uninstalled: bool) -> None:
    import shutil

    from ..config.tools import executables
    from ..errors import UsageError

    if allow_uninstalled or executable in executables() or shutil.which(executable):
        return
    raise UsageError(
        f"executable '{executable}' is not installed; to download its resources anyway,"
        " use -a/--allow-uninstalled"
    )


def _requested(executable: str, name: str | None, any_url: str | None) -> list[Resource]:
    from ..errors import UnknownResourceError, UsageError
    from ..resmgr import database
    from ..resmgr import download as downloads
    from ..resmgr.resource import UNKNOWN_URL

    if any_url is not None:
        is_path = ":" not in any_url
        url = str(Path(any_url).expanduser().absolute()) if is_path else any_url
        return [downloads.unregistered(executable, name or "", url)]
    if name is None:
        raise UsageError(f"NAME is required: which resource of {executable}? ('*' for all)")
    if name != "*":
        return [downloads.look_up(executable, name)]
    found = [r for r in database.entries(executable).values() if r.url != UNKNOWN_URL]
    if not found:
        raise UnknownResourceError(f"no resources are known for {executable}")
    return found


def _download(resource: Resource, location: Location, overwrite: bool) -> Outcome:
    from ..resmgr import download as downloads
    from .progress import progress_bar

    with progress_bar(resource.name, "B", is_bytes=True) as progress:
        return downloads.download(
            resource, location=location, overwrite=overwrite, progress=progress
        )
