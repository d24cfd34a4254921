# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid check``: check that everything a configuration needs is installed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .groups import CONTEXT

if TYPE_CHECKING:
    from ..rapidocr.diagnosis import CheckResult


@click.command(context_settings=CONTEXT)
@click.option(
    "-c", "--config", "config_path", type=click.Path(path_type=Path),
    help="Configuration file of RapidOCR HKMC (YAML).  [default: built-in]",
)  # fmt: skip
@click.option("--layout-model", metavar="NAME|FILE", default="", help="Check a layout model, too.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(config_path: Path | None, layout_model: str, as_json: bool) -> int:
    """Check engines, devices, models and keys, and read a test image.

    Nothing is downloaded or written. The exit code is 0 only if everything the configuration needs
    is installed. A missing device is a warning, because the CPU is used instead; with
    EngineConfig.strict it is an error.

    \b
    Examples:
      ocrd-rapid check
      ocrd-rapid check --config config_offline.yaml
      ocrd-rapid check --layout-model layout_cdla.onnx
    """
    from ..rapidocr.diagnosis import examine

    findings = examine(config_path, layout_model)
    code = next((finding.exit_code for finding in findings if finding.exit_code), 0)
    if as_json:
        _print_json(findings, code)
    else:
        _print_table(findings)
    return int(code)


def _print_table(findings: list[CheckResult]) -> None:
    name_width = max(len(finding.name) for finding in findings)
    state_width = max(len(finding.state) for finding in findings)
    for finding in findings:
        name, state = finding.name.ljust(name_width), finding.state.ljust(state_width)
        click.echo(f"{name}  {state}  {finding.detail}")


def _print_json(findings: list[CheckResult], code: int) -> None:
    report = {
        "ok": code == 0,
        "exit_code": int(code),
        "findings": [
            {
                "name": finding.name,
                "state": finding.state,
                "detail": finding.detail,
                **finding.facts,
            }
            for finding in findings
        ],
    }
    click.echo(json.dumps(report, indent=1, ensure_ascii=False))
