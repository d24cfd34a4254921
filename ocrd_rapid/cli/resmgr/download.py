# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``download``."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import click

from ...config.directories import expanded
from ...config.similar import did_you_mean
from ...config.tools import executables
from ...errors import OcrdRapidError, UnknownResourceError, UsageError
from ...resmgr import archives, catalogue, known
from ...resmgr import download as downloads
from ...resmgr.locations import Location, resource_dir
from ...resmgr.resource import UNKNOWN_URL, Resource, check_name
from ..progress import progress_bar
from .head_entries import RECOGNIZE
from .output import as_dict, json_option, language_option, print_json

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Request:
    """The options, except for those that choose the resources."""

    location: Location | None
    overwrite: bool
    mirror: str
    dynamic: bool

    def place(self, executable: str) -> Location:
        """Return the location for the resources of a processor: by default its first choice."""
        if self.location is not None:
            return self.location
        tool = known.tool_of(executable) if self.dynamic else None
        named = (tool or {}).get("resource_locations") or []
        allowed = [Location(name) for name in named if name in set(Location)]
        return (allowed or [Location.DATA])[0]

    def place_of(self, resource: Resource) -> Location:
        """Return the location of a resource once it is installed."""
        return Location.MODULE if resource.in_package else self.place(resource.executable)

    def warn_of_place(self, executable: str) -> None:
        """Warn if a processor does not look in the location where its resource was installed."""
        if self.location is None:
            return
        tool = known.tool_of(executable) if self.dynamic else None
        named = (tool or {}).get("resource_locations") or []
        if named and self.location not in named:
            LOG.warning(
                "%s looks for resources at %s only, not at %s; install there with -l %s",
                executable, " and ".join(named), self.location.value, named[0],
            )  # fmt: skip


def _warn_of_archive(resource: Resource, path: Path) -> None:
    """Warn if an archive was stored without unpacking, because its type was not given."""
    if resource.type != "file" or not resource.address:
        return
    name = PurePosixPath(urlsplit(resource.address).path).name
    if archives.is_archive(path, name):
        LOG.warning(
            "%s is an archive, and was stored as one file; to unpack it, add: -t archive -o", path
        )


@click.command("download")
@click.option(
    "-n", "--any-url", metavar="URL|PATH",
    help="URL or path of a resource that is in no database, or of a copy of one that is.",
)  # fmt: skip
@click.option("-D", "--no-dynamic", is_flag=True, help="Do not query the processors on the PATH.")
@click.option(
    "-t",
    "--resource-type",
    type=click.Choice(["file", "directory", "archive"]),
    default="file",
    show_default=True,
    help="Type of --any-url.",
)
@click.option(
    "-P", "--path-in-archive", metavar="PATH", default=".", show_default=True,
    help="Path of the resource in the archive.",
)  # fmt: skip
@click.option("--sha256", metavar="HASH", default="", help="Expected hash of the resource.")
@click.option(
    "-a", "--allow-uninstalled", is_flag=True, help="Allow processors that are not on the PATH."
)
@click.option("-o", "--overwrite", is_flag=True, help="Replace an installed resource.")
@click.option(
    "-l",
    "--location",
    type=click.Choice([location.value for location in Location]),
    help="Location to install to.  [default: the processor's first choice, usually data]",
)
@click.option(
    "--set", "set_name", metavar="SET", help="Install a set of resources, such as 'original'."
)
@language_option
@click.option(
    "--mirror",
    metavar="URL|DIR",
    default="",
    envvar="OCRD_RAPID_MIRROR",
    help="URL or directory to try first; contains EXECUTABLE/NAME or NAME.",
)
@click.option("--offline", is_flag=True, help="Do not use the network.")
@click.option("--dry-run", is_flag=True, help="Only show what would be installed.")
@click.option(
    "-j", "--jobs", metavar="N", type=click.IntRange(1, 16), default=1, show_default=True,
    help="Number of simultaneous downloads.",
)  # fmt: skip
@json_option
@click.argument("executable", required=False)
@click.argument("name", required=False)
def download(
    any_url: str | None,
    no_dynamic: bool,
    resource_type: str,
    path_in_archive: str,
    sha256: str,
    allow_uninstalled: bool,
    overwrite: bool,
    location: str | None,
    set_name: str | None,
    languages: tuple[str, ...],
    mirror: str,
    offline: bool,
    dry_run: bool,
    jobs: int,
    as_json: bool,
    executable: str | None,
    name: str | None,
) -> None:
    """Install resource NAME of processor EXECUTABLE ('*' for all).

    --language, in place of both, installs the best recognition model for a language or script.

    A resource appears in its final place only after its size and hash have been checked.

    \b
    Examples:
      ocrd-rapid resmgr download --set original
      ocrd-rapid resmgr download ocrd-rapid-recognize PP-OCRv6_rec_small.onnx
      ocrd-rapid resmgr download --language kor
      ocrd-rapid resmgr download -n models/my.onnx ocrd-rapid-recognize my.onnx
      ocrd-rapid resmgr download -l system ocrd-rapid-detect '*'
    """
    if offline:
        os.environ["OCRD_RAPID_OFFLINE"] = "1"
    request = _Request(Location(location) if location else None, overwrite, mirror, not no_dynamic)
    reasons: dict[str, str] = {}
    if languages:
        if set_name is not None or any_url is not None or executable is not None:
            raise UsageError(
                "--language chooses the resource: give no EXECUTABLE, NAME, --set or --any-url"
            )
        reasons = _for_languages(languages)
        resources = [entry for entry in _known(RECOGNIZE, "*", False) if entry.name in reasons]
    elif set_name is not None:
        resources = _of_set(set_name, executable, name)
    else:
        if executable is None:
            raise UsageError("EXECUTABLE is required: the processor that needs the resource")
        if name not in (None, "*"):
            check_name(name)
        _require_installed(executable, allow_uninstalled)
        if any_url is None:
            resources = _known(executable, name, request.dynamic)
        else:
            resources = [
                downloads.unregistered(
                    executable,
                    name or "",
                    _absolute(any_url),
                    kind=resource_type,
                    path_in_archive=path_in_archive,
                    sha256=sha256,
                )
            ]
    if sha256 and any_url is None:
        resources = [replace(resource, sha256=sha256.lower()) for resource in resources]
    if dry_run:
        _show(resources, reasons, request, as_json)
        return
    outcomes = _download_all(resources, request, jobs)
    if as_json:
        print_json([_facts(o.resource, o.path, reasons) for o in outcomes])


def _facts(resource: Resource, path: Path, reasons: Mapping[str, str]) -> dict[str, Any]:
    """Return a resource with its path, and why it was chosen, for ``--json``."""
    why = {"reason": reasons[resource.name]} if resource.name in reasons else {}
    return {**as_dict(resource), "path": str(path), **why}


def _for_languages(texts: Sequence[str]) -> dict[str, str]:
    """Return the names of the best models for some languages, and why each is the best.

    Raises:
        ConfigurationError: a language is unknown.
        UnknownResourceError: nothing reads one of them.
    """
    from ...resmgr.model_languages import best_model, wanted_languages
    from .head_entries import heads_for, nothing_for

    reasons: dict[str, str] = {}
    for wanted in wanted_languages(texts, "--language"):
        if wanted.ambiguity:
            LOG.warning("%s", wanted.ambiguity)
        heads = heads_for(wanted)
        ready = " and ".join(f"head {head.name} of {head.model}" for head in heads)
        try:
            best = best_model(known.of(RECOGNIZE, dynamic=False).values(), wanted)
        except UnknownResourceError:
            if not heads:
                raise nothing_for(wanted) from None
            LOG.info("%s: there is nothing to download; %s reads it", wanted, ready)
            continue
        ours = catalogue.stand_in(best.model)
        if ours is not None:
            LOG.info("%s: there is nothing to download; %s reads it", wanted, ours.name)
            continue
        LOG.info("%s: %s, %s", wanted, best.model.name, best.reason)
        if heads and best.model.name not in {head.model for head in heads}:
            LOG.info("%s: %s reads it without a download, too", wanted, ready)
        reasons[best.model.name] = best.reason
    return reasons


def _of_set(set_name: str, executable: str | None, name: str | None) -> list[Resource]:
    if name is not None:
        raise UsageError("--set installs a whole set and takes no NAME")
    members = catalogue.resource_set(set_name)
    wanted = [r for r in members if executable in (None, r.executable)]
    if not wanted:
        raise UnknownResourceError(f"set '{set_name}' has nothing for {executable}")
    return wanted


def _absolute(url: str) -> str:
    return url if ":" in url else str(expanded(url).absolute())


def _require_installed(executable: str, allow_uninstalled: bool) -> None:
    if executable != "*":
        check_name(executable, "an OCR-D processor")
    if executable != "*" and not executable.startswith("ocrd-"):
        raise UsageError(
            f"'{executable}' is not the name of an OCR-D processor, which begins with"
            f" 'ocrd-'{_meant(executable)}"
        )
    if executable == "*" or known.tool_of(executable) is not None:
        return
    if not allow_uninstalled:
        raise UsageError(
            f"executable '{executable}' is not installed{did_you_mean(executable, executables())}"
            " (to download its resources anyway, use -a/--allow-uninstalled)"
        )
    LOG.info("Executable '%s' is not installed, but downloading resources anyway", executable)


def _meant(word: str) -> str:
    """Return the end of a message: the command for a set or a resource without its processor."""
    with contextlib.suppress(UnknownResourceError):
        catalogue.resource_set(word)
        return f"; to install a set: ocrd-rapid resmgr download --set {word}"
    for executable in executables():
        if any(resource.name == word for resource in known.of(executable, dynamic=False).values()):
            return f"; did you mean: ocrd-rapid resmgr download {executable} {word}"
    return did_you_mean(word, executables())


def _known(executable: str, name: str | None, dynamic: bool) -> list[Resource]:
    if executable == "*":
        if name not in (None, "*"):
            raise UsageError(
                f"EXECUTABLE '*' installs all resources; for '{name}' alone, give its processor"
            )
        everything = known.by_executable(dynamic=dynamic)
        return [r for entries in everything.values() for r in _with_url(entries)]
    if name is None:
        raise UsageError(f"NAME is required: a resource of {executable}, or '*' for all")
    if name != "*":
        return [known.look_up(executable, name, dynamic=dynamic)]
    found = _with_url(known.of(executable, dynamic=dynamic))
    if not found:
        raise UnknownResourceError(f"no resources are known for {executable}")
    return found


def _with_url(entries: known.Known) -> list[Resource]:
    installable = known.without_package(entries).values()
    return [resource for resource in installable if resource.url != UNKNOWN_URL]


def _show(
    resources: list[Resource], reasons: Mapping[str, str], request: _Request, as_json: bool
) -> None:
    targets = [resource_dir(request.place_of(r), r.executable) / r.name for r in resources]
    if as_json:
        print_json(
            [
                {**_facts(resource, target, reasons), "exists": target.exists()}
                for resource, target in zip(resources, targets, strict=True)
            ]
        )
        return
    for resource, target in zip(resources, targets, strict=True):
        state = "exists" if target.exists() and not request.overwrite else "would download"
        size = f"{resource.size} bytes" if resource.size else "size unknown"
        click.echo(f"{state}: {target} ({size})")


def _download_all(
    resources: list[Resource], request: _Request, jobs: int
) -> list[downloads.Outcome]:
    """Download resources; of several, those that fail do not stop the others."""
    if len(resources) == 1:
        return [_download(request, True, resources[0])]
    with ThreadPoolExecutor(jobs) as pool:
        results = list(
            pool.map(partial(_attempt, partial(_download, request, jobs == 1)), resources)
        )
    failed = [result for result in results if isinstance(result, OcrdRapidError)]
    done = [result for result in results if isinstance(result, downloads.Outcome)]
    if failed:
        error = failed[0]
        message = f"{len(failed)} of {len(resources)} resources failed; the first: {error}"
        raise type(error)(message) from error
    return done


def _attempt(
    call: Callable[[Resource], downloads.Outcome], resource: Resource
) -> downloads.Outcome | OcrdRapidError:
    try:
        return call(resource)
    except OcrdRapidError as error:
        LOG.error("%s: %s", resource.name, error)
        return error


def _download(request: _Request, with_bar: bool, resource: Resource) -> downloads.Outcome:
    call = partial(
        downloads.download,
        resource,
        location=request.place(resource.executable),
        overwrite=request.overwrite,
        sources=resource.sources_with(request.mirror),
    )
    if with_bar:
        with progress_bar(resource.name, "B", is_bytes=True) as progress:
            outcome = call(progress=progress)
    else:
        outcome = call()
    if resource.in_package:
        LOG.info("%s is in the package; there is nothing to download", outcome.path)
    elif outcome.action is downloads.Action.KEEP:
        LOG.info("%s is already installed", outcome.path)
    else:
        LOG.info("Installed %s", outcome.path)
        _warn_of_archive(resource, outcome.path)
    if not resource.in_package:
        request.warn_of_place(resource.executable)
    LOG.info("Use in parameters as '%s'", resource.parameter_value)
    return outcome
