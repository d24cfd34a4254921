# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``list-available``, ``list-installed``, ``info``, ``path``."""

from __future__ import annotations

import contextlib
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from ...config.similar import did_you_mean
from ...errors import StorageError
from ...resmgr import installed, known, locations
from ...resmgr.resource import Resource, check_name
from .output import as_dict, json_option, language_option, print_json, print_stanza

LOG = logging.getLogger(__name__)

executable_option = click.option(
    "-e", "--executable", metavar="EXECUTABLE", help="Only this processor."
)


@click.command("list-available")
@click.option(
    "-e", "--executable", metavar="PATTERN", default="ocrd-*", show_default=True,
    help="Glob pattern for processors.",
)  # fmt: skip
@click.option("-D", "--no-dynamic", is_flag=True, help="Do not query the processors on the PATH.")
@language_option
@json_option
def list_available(
    executable: str, no_dynamic: bool, languages: tuple[str, ...], as_json: bool
) -> None:
    """List the available resources, by processor.

    With --language, models of the package and installed heads that read it are listed, too: they
    need no download.

    \b
    Examples:
      ocrd-rapid resmgr list-available
      ocrd-rapid resmgr list-available -e ocrd-rapid-recognize
      ocrd-rapid resmgr list-available -e 'ocrd-rapid-*' --json
      ocrd-rapid resmgr list-available --language kor
    """
    known_ones = known.by_executable(executable, dynamic=not no_dynamic)
    if not known_ones:
        raise known.unknown_processor(executable)
    found = {name: list(resources.values()) for name, resources in known_ones.items()}
    heads: list[installed.Installed] = []
    if languages:
        found, heads = _for_languages(found, languages)
    entries = [(resource, "") for resources in found.values() for resource in resources]
    entries = [(item.resource, item.origin) for item in heads] + entries
    if as_json:
        places = [{"path": str(item.path), "location": item.origin} for item in heads]
        places += [{}] * (len(entries) - len(heads))
        facts = zip(entries, places, strict=True)
        print_json([as_dict(resource) | place for (resource, _), place in facts])
        return
    names = dict.fromkeys(resource.executable for resource, _ in entries) or [executable]
    for name in names:
        print_stanza(name, [entry for entry in entries if entry[0].executable == name])


def _for_languages(
    found: Mapping[str, list[Resource]], texts: Sequence[str]
) -> tuple[dict[str, list[Resource]], list[installed.Installed]]:
    """Return the resources for some languages, and the installed heads for them.

    Raises:
        ConfigurationError: a language is unknown.
        UnknownResourceError: there is nothing for one of them.
    """
    from ...resmgr.model_languages import reads, wanted_languages
    from .head_entries import RECOGNIZE, heads_for, nothing_for

    kept: dict[tuple[str, str], Resource] = {}
    heads: dict[Path, installed.Installed] = {}
    for wanted in wanted_languages(texts, "--language"):
        if wanted.ambiguity:
            LOG.warning("%s", wanted.ambiguity)
        entries = [r for resources in found.values() for r in resources if reads(r, wanted)]
        ready = [head.item for head in heads_for(wanted)] if RECOGNIZE in found else []
        if not entries and not ready:
            raise nothing_for(wanted)
        kept |= {(r.executable, r.name): r for r in entries}
        heads |= {item.path: item for item in ready}
    return {name: [r for r in rs if (name, r.name) in kept] for name, rs in found.items()}, [
        *heads.values()
    ]


@click.command("list-installed")
@executable_option
@json_option
def list_installed(executable: str | None, as_json: bool) -> None:
    """List the installed resources, by processor.

    A file that is in no database is added to the user database as a stub, as in OCR-D core, if the
    user database is writable.

    \b
    Examples:
      ocrd-rapid resmgr list-installed
      ocrd-rapid resmgr list-installed -e ocrd-rapid-detect --json
    """
    found = find_installed(executable)
    _enter_stubs([item for items in found.values() for item in items if item.is_stub])
    if as_json:
        print_json(
            [
                {**as_dict(item.resource), "path": str(item.path), "location": item.origin}
                for items in found.values()
                for item in items
            ]
        )
        return
    for name, items in found.items():
        if items or executable:
            print_stanza(name, _with_places(items))


def _with_places(items: list[installed.Installed]) -> list[tuple[Resource, str]]:
    """Return resources, with their location where several have the same name."""
    often = {name for name, n in Counter(item.path.name for item in items).items() if n > 1}
    return [
        (
            item.resource,
            "" if item.path.name not in often
            else str(item.path.parent) if item.origin == "env" else item.origin,
        )
        for item in items
    ]  # fmt: skip


def find_installed(executable: str | None) -> dict[str, list[installed.Installed]]:
    """Return the installed resources of one processor, or of all.

    Raises:
        UnknownResourceError: the processor is unknown.
    """
    from ...config.tools import executables
    from ...resmgr import discovery

    if executable:
        found = installed.list_all([executable])
        if not found[executable] and not known.is_processor(executable):
            raise known.unknown_processor(executable)
        return found
    everywhere = {
        *executables(),
        *discovery.find_executables(),
        *installed.executables_with_resources(),
    }
    return installed.list_all(sorted(everywhere))


def _enter_stubs(stubs: list[installed.Installed]) -> None:
    from ...resmgr import database

    if not stubs:
        return
    user = database.read()
    for item in stubs:
        resource = item.resource
        if resource.name not in {r.name for r in user.get(resource.executable, ())}:
            with contextlib.suppress(StorageError):
                database.register(resource)


@click.command("info")
@executable_option
@json_option
@click.argument("name")
def info(executable: str | None, name: str, as_json: bool) -> None:
    """Show the details of resource NAME.

    Those of a head include the data in its file: languages, licence, training, error rate.

    \b
    Examples:
      ocrd-rapid resmgr info PP-OCRv6_rec_small.onnx
    """
    check_name(name)
    resource, path = _find(executable, name)
    details = as_dict(resource) | (_head_facts(path) if path is not None else {})
    if as_json:
        print_json(details)
        return
    for key, value in details.items():
        if value:
            click.echo(f"{key + ':':14}{_as_text(value)}")


def _as_text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_as_text, value))
    if isinstance(value, dict):
        return "; ".join(f"{key} {_as_text(item)}" for key, item in value.items())
    return str(value)


def _find(executable: str | None, name: str) -> tuple[Resource, Path | None]:
    """Return the entry of a resource, and its file if it is installed."""
    from ...config.tools import executables
    from ...errors import UnknownResourceError

    candidates = [executable] if executable else list(executables())
    problem: UnknownResourceError | None = None
    for candidate in candidates:
        try:
            found = known.look_up(candidate, name)
        except UnknownResourceError as error:
            problem = error
        else:
            return found, locations.find(name, candidate)
    for items in installed.list_all(candidates).values():
        for item in items:
            if item.path.name == name:
                return item.resource, item.path
    if executable and problem is not None:
        raise problem
    names = {known_name for one in candidates for known_name in known.of(one, dynamic=False)}
    raise UnknownResourceError(
        f"no processor of ocrd-rapid has a resource '{name}'{did_you_mean(name, names)}"
        " (for other processors, use -e)"
    )


def _head_facts(path: Path) -> dict[str, Any]:
    """Return the data in the file of a head; nothing for other files."""
    from ...errors import ModelError

    if path.suffix != ".npz":
        return {}
    from ...ocr.recognition.head_files import read_head

    try:
        head = read_head(path)
    except ModelError as error:
        LOG.warning("%s", error)
        return {}
    return {
        "head": head.name,
        "network": head.backbone,
        "classes": len(head.characters),
        "automatic": head.automatic,
        "stands_for": head.stands_for or None,
        **head.header,
    }


@click.command("path")
@executable_option
@click.argument("name")
def path(executable: str | None, name: str) -> None:
    """Print the path of the installed resource NAME.

    \b
    Examples:
      ocrd-rapid resmgr path PP-OCRv6_rec_small.onnx
    """
    from ...config.tools import executables
    from ...errors import ResourceNotFoundError
    from ...resmgr.locations import resolve, suffixes_of

    candidates = [executable] if executable else list(executables())
    problems = []
    for candidate in candidates:
        try:
            click.echo(str(resolve(name, candidate, suffixes_of(candidate)).absolute()))
            return
        except ResourceNotFoundError as error:
            problems.append(error)
    # The most helpful message is that of the processor that knows the name.
    told = [p for p in problems if executable or "install it with" in str(p)]
    if told:
        raise told[0]
    names = {name for candidate in candidates for name in known.of(candidate, dynamic=False)}
    raise ResourceNotFoundError(
        f"no processor of ocrd-rapid has a resource '{name}'{did_you_mean(name, names)}"
        " ('ocrd-rapid resmgr list-installed' lists installed resources)"
    )
