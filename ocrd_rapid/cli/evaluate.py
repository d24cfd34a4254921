# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid evaluate``: compare text with ground truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import QualityError, UsageError
from .groups import CONTEXT

if TYPE_CHECKING:
    from ..evaluation.evaluation import Evaluation, Level
    from ..evaluation.normalization import Form
    from ..evaluation.pairs import Pairing


@click.command(context_settings=CONTEXT)
@click.option(
    "-I", "--input-file-grp", "groups", metavar="GT,OCR",
    help="File groups with the ground truth and with the text to evaluate.",
)  # fmt: skip
@click.option("-m", "--mets", type=click.Path(path_type=Path), help="METS file.")
@click.option(
    "-w", "--working-dir", type=click.Path(path_type=Path), help="Directory of the workspace."
)
@click.option(
    "-g", "--page-id", "pages", metavar="PAGES",
    help="Pages to compare, as for the processors.  [default: all]",
)  # fmt: skip
@click.option(
    "--level", type=click.Choice(["page", "line"]), default="page", show_default=True,
    help="Align whole pages in order, or single lines in any order.",
)  # fmt: skip
@click.option(
    "--normalise", "form", type=click.Choice(["none", "nfc", "nfkc"]), default="nfc",
    show_default=True, help="Unicode normalization form applied to both sides.",
)  # fmt: skip
@click.option(
    "--fold", is_flag=True,
    help="Treat long s as s, and all forms of quotes, dashes and umlauts as the same.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path),
    help="Also write an HTML page that shows the differences.",
)  # fmt: skip
@click.option(
    "--fail-above", metavar="PERCENT", type=click.FloatRange(min=0),
    help="Exit with code 12 if the overall character error rate is higher.",
)  # fmt: skip
@click.argument("files", nargs=-1, metavar="[GT OCR]", type=click.Path(path_type=Path))
def command(
    groups: str | None,
    mets: Path | None,
    working_dir: Path | None,
    pages: str | None,
    level: Level,
    form: Form,
    fold: bool,
    as_json: bool,
    html: Path | None,
    fail_above: float | None,
    files: tuple[Path, ...],
) -> None:
    """Compare text with ground truth: error rates and confusions.

    Compares two file groups of a workspace, or two files or directories of PAGE-XML, ALTO or plain
    text (.txt). The character and word error rates (CER, WER) are those of whole pages in reading
    order; the "lines" columns do not depend on the order.

    \b
    Examples:
      ocrd-rapid evaluate -I OCR-D-GT,OCR-D-OCR
      ocrd-rapid evaluate --fold --html report.html gt/ ocr/
      ocrd-rapid evaluate --fail-above 5 page.gt.txt page.xml
    """
    from ..evaluation import Normalization
    from ..evaluation.evaluation import evaluate

    names, pairing = _sources(groups, mets, working_dir, pages, files)
    rules = Normalization(form, fold)
    evaluation = evaluate(pairing, names, rules, level)
    if html is not None:
        _write_html(evaluation, html)
    _print(evaluation, as_json=as_json)
    if fail_above is not None:
        _judge(evaluation, fail_above)


def _sources(
    groups: str | None,
    mets: Path | None,
    directory: Path | None,
    pages: str | None,
    files: tuple[Path, ...],
) -> tuple[tuple[str, str], Pairing]:
    """Return the names of both sides, and their pages in pairs."""
    from ..evaluation.pairs import pair_files, pair_groups

    if groups is None:
        if len(files) != 2:
            raise UsageError(
                "give two file groups with -I GT,OCR, or two files or directories: GT OCR"
            )
        if mets or directory or pages:
            raise UsageError("--mets, --working-dir and --page-id require file groups (-I)")
        return (str(files[0]), str(files[1])), pair_files(*files)
    names = groups.split(",")
    if files:
        raise UsageError("give either file groups (-I) or files, not both")
    if len(names) != 2 or not all(names):
        raise UsageError(f"-I takes two file groups, ground truth first: GT,OCR, not '{groups}'")
    from ..workspace.workspace import Workspace

    workspace = Workspace.open(mets, directory)
    return (names[0], names[1]), pair_groups(workspace, names[0], names[1], pages)


def _print(evaluation: Evaluation, *, as_json: bool) -> None:
    from ..evaluation.report import as_dict, table

    if as_json:
        click.echo(json.dumps(as_dict(evaluation), ensure_ascii=False, indent=1))
    else:
        click.echo(table(evaluation))


def _write_html(evaluation: Evaluation, path: Path) -> None:
    from ..evaluation.html import html_report
    from ..files import write_atomically

    # File names need not be valid text.
    write_atomically(path, html_report(evaluation).encode("utf-8", "replace"))


def _judge(evaluation: Evaluation, limit: float) -> None:
    """Raise an error if the text is worse than allowed, or some pages have none to compare."""
    result = evaluation.chosen
    rate = result.character_error_rate
    if evaluation.without_text:
        missing = ", ".join(evaluation.without_text[:3])
        count = len(evaluation.without_text)
        raise QualityError(f"--fail-above: pages without text to compare: {count} ({missing})")
    if rate is None and result.edits:
        raise QualityError("--fail-above: the ground truth is empty, but the text is not")
    if rate is not None and rate * 100 > limit:
        where = evaluation.text
        raise QualityError(f"{where}: character error rate {rate:.2%} is above {limit:g} %")
