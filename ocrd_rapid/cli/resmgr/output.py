# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Output of resources: core's stanzas, or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import click

from ...resmgr.resource import Resource

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")

language_option = click.option(
    "--language", "languages", metavar="LANGUAGE", multiple=True,
    help="Only what reads LANGUAGE: a name or code of a language or script, such as kor, Korean,"
    " Hang. May be repeated.",
)  # fmt: skip


def print_stanza(executable: str, resources: Iterable[tuple[Resource, str]]) -> None:
    """Print the resources of one processor, exactly as OCR-D core does.

    Args:
        executable: the name of the processor.
        resources: each with the location to print. Core has a place for it, but leaves it empty.
    """
    click.echo(executable)
    for resource, place in resources:
        name = f"{resource.name} @ {place}"
        click.echo(f"- {name} ({resource.url_with_hash})\n  {resource.description}")
    click.echo()


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(value, indent=1, ensure_ascii=False))


def as_dict(resource: Resource) -> dict[str, Any]:
    """Return a resource for ``--json``, with all its details."""
    return {
        "executable": resource.executable,
        "name": resource.name,
        "parameter": resource.parameter_value,
        "description": resource.description,
        "sources": list(replace(resource, address="").sources),
        "size": resource.size or None,
        "sha256": resource.sha256 or None,
        "type": resource.type,
        "licence": resource.licence or None,
        "languages": list(resource.languages),
        "engines": list(resource.engines),
        "version": resource.version or None,
        "model_type": resource.model_type or None,
        "keys": resource.keys or None,
        "original": resource.original or None,
    }
