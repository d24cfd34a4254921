# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``validate``: check a workspace."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from xml.sax.saxutils import escape

import click

from ...errors import ExitCode
from ...workspace.findings import CHECKS, Finding
from ...workspace.validation import Extent
from ...workspace.validation import validate as find_problems
from ...workspace.workspace import locate_mets
from ..progress import progress_bar
from .files import Place

_SEVERITIES = ("warning", "error", "notice")


@click.command("validate")
@click.option(
    "-s", "--skip", metavar="CHECK", multiple=True, type=click.Choice(CHECKS),
    help=f"Skip this check: {', '.join(CHECKS)}; repeatable.",
)  # fmt: skip
@click.option(
    "--page-textequiv-consistency", "--page-strictness", "text",
    type=click.Choice(["strict", "lax", "off"]), default="strict", show_default=True,
    help="Check that regions, lines and words have the text of their parts; lax ignores spaces.",
)  # fmt: skip
@click.option(
    "--page-coordinate-consistency", "coordinates",
    type=click.Choice(["poly", "baseline", "both", "off"]), default="poly", show_default=True,
    help="Check that outlines (poly), baselines or both are within the parent's outline.",
)  # fmt: skip
@click.option(
    "-q", "--include-file-grps", "include_groups", metavar="GROUP", multiple=True,
    help="Only this group; repeatable.",
)  # fmt: skip
@click.option(
    "-Q", "--exclude-file-grps", "exclude_groups", metavar="GROUP", multiple=True,
    help="Not this group; repeatable.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_context
def validate(ctx: click.Context, /, as_json: bool, **extent: Any) -> None:
    """Check the METS, its files and their contents, and print a report as XML.

    The exit code is 8 if there are errors or warnings; notices do not count.

    \b
    Examples:
      ocrd-rapid workspace -d book validate
      ocrd-rapid workspace -d book validate -s pixel_density -q OCR-D-OCR --json
    """
    place: Place = ctx.obj
    with progress_bar("Checking", "file") as progress:
        findings = list(find_problems(locate_mets(*place), Extent(**extent), progress))
    valid = all(finding.severity == "notice" for finding in findings)
    click.echo(_as_json(findings, valid) if as_json else _as_xml(findings, valid))
    if not valid:
        ctx.exit(ExitCode.INPUT)


def _as_xml(findings: Sequence[Finding], valid: bool) -> str:
    """Return the report in the form of core's."""
    lines = [
        f"  <{severity}>{escape(str(finding))}</{severity}>"
        for severity in _SEVERITIES
        for finding in findings
        if finding.severity == severity
    ]
    return "\n".join([f'<report valid="{str(valid).lower()}">', *lines, "</report>"])


def _as_json(findings: Sequence[Finding], valid: bool) -> str:
    report = {"valid": valid, "findings": [asdict(finding) for finding in findings]}
    return json.dumps(report, ensure_ascii=False, indent=2)
