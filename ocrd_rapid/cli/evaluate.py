# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid evaluate``: compare text with ground truth, or estimate its errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from ..errors import QualityError, UsageError
from .groups import CONTEXT

if TYPE_CHECKING:
    from ..evaluation.estimate import EstimatedText
    from ..evaluation.evaluation import Evaluation, Level
    from ..evaluation.normalization import Form
    from ..evaluation.pairs import Pairing

_EITHER = "give either file groups (-I) or files, not both"


@click.command(context_settings=CONTEXT)
@click.option(
    "-I", "--input-file-grp", "groups", metavar="GT,OCR",
    help="File groups with the ground truth and with the text to evaluate; with --estimate the"
    " latter only.",
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
    "--estimate", is_flag=True,
    help="Estimate the errors from the confidences in PAGE-XML or JSON, without ground truth, and"
    " list the least sure lines.",
)  # fmt: skip
@click.option(
    "--level", type=click.Choice(["page", "line"]), default="page", show_default=True,
    help="Align whole pages in order, or single lines in any order; with --estimate, list the"
    " first unsure lines, or all.",
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
    help="Exit with code 12 if the overall (or expected) character error rate is higher.",
)  # fmt: skip
@click.argument("files", nargs=-1, metavar="[GT OCR]", type=click.Path(path_type=Path))
def command(
    groups: str | None,
    mets: Path | None,
    working_dir: Path | None,
    pages: str | None,
    estimate: bool,
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

    With --estimate there is no ground truth: the confidence of a line is the expected share of its
    characters that are right. Lines that were not found, and the order of the text, are not in
    the estimate.

    \b
    Examples:
      ocrd-rapid evaluate -I OCR-D-GT,OCR-D-OCR
      ocrd-rapid evaluate --fold --html report.html gt/ ocr/
      ocrd-rapid evaluate --fail-above 5 page.gt.txt page.xml
      ocrd-rapid evaluate --estimate -I OCR-D-OCR
      ocrd-rapid evaluate --estimate --level line --json book.json
    """
    from ..evaluation import Normalization
    from ..evaluation.evaluation import evaluate

    if estimate:
        _refuse_comparison_options()
        text = _estimated(groups, mets, working_dir, pages, files)
        _print_estimate(text, level, as_json=as_json)
        if fail_above is not None:
            _judge(text.total.error_rate, fail_above, text.text, "expected character error rate")
        return
    names, pairing = _sources(groups, mets, working_dir, pages, files)
    rules = Normalization(form, fold)
    evaluation = evaluate(pairing, names, rules, level)
    if html is not None:
        _write_html(evaluation, html)
    _print(evaluation, as_json=as_json)
    if fail_above is not None:
        _judge_comparison(evaluation, fail_above)


def _refuse_comparison_options() -> None:
    """Raise an error if an option is given that means nothing without ground truth."""
    context = click.get_current_context()
    names = {"form": "--normalise", "fold": "--fold", "html": "--html"}
    given = [
        name
        for parameter, name in names.items()
        if context.get_parameter_source(parameter) is ParameterSource.COMMANDLINE
    ]
    if given:
        raise UsageError(f"--estimate compares nothing: leave out {', '.join(given)}")


def _estimated(
    groups: str | None,
    mets: Path | None,
    directory: Path | None,
    pages: str | None,
    files: tuple[Path, ...],
) -> EstimatedText:
    """Return the errors to be expected of a file group, a file or a folder."""
    from ..evaluation.estimate import estimate_files, estimate_group

    if groups is None:
        if len(files) != 1:
            raise UsageError(
                "--estimate takes one file group (-I OCR), or one file or directory of PAGE-XML"
                " or JSON"
            )
        _refuse_workspace_options(mets, directory, pages)
        return estimate_files(files[0])
    if files:
        raise UsageError(_EITHER)
    if not groups or "," in groups:
        raise UsageError(f"--estimate takes one file group (-I), not '{groups}'")
    from ..workspace.workspace import Workspace

    return estimate_group(Workspace.open(mets, directory), groups, pages)


def _refuse_workspace_options(mets: Path | None, directory: Path | None, pages: str | None) -> None:
    if mets or directory or pages:
        raise UsageError("--mets, --working-dir and --page-id require file groups (-I)")


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
        _refuse_workspace_options(mets, directory, pages)
        return (str(files[0]), str(files[1])), pair_files(*files)
    names = groups.split(",")
    if files:
        raise UsageError(_EITHER)
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


def _print_estimate(text: EstimatedText, level: Level, *, as_json: bool) -> None:
    from ..evaluation.estimate_report import estimate_as_dict, estimate_table

    if as_json:
        click.echo(json.dumps(estimate_as_dict(text, level), ensure_ascii=False, indent=1))
    else:
        click.echo(estimate_table(text, level))


def _write_html(evaluation: Evaluation, path: Path) -> None:
    from ..evaluation.html import html_report
    from ..files import write_atomically

    # File names need not be valid text.
    write_atomically(path, html_report(evaluation).encode("utf-8", "replace"))


def _judge_comparison(evaluation: Evaluation, limit: float) -> None:
    """Raise an error if the text is worse than allowed, or some pages have none to compare."""
    result = evaluation.chosen
    rate = result.character_error_rate
    if evaluation.without_text:
        missing = ", ".join(evaluation.without_text[:3])
        count = len(evaluation.without_text)
        raise QualityError(f"--fail-above: pages without text to compare: {count} ({missing})")
    if rate is None and result.edits:
        raise QualityError("--fail-above: the ground truth is empty, but the text is not")
    _judge(rate, limit, evaluation.text, "character error rate")


def _judge(rate: float | None, limit: float, text: str, what: str) -> None:
    if rate is not None and rate * 100 > limit:
        raise QualityError(f"{text}: {what} {rate:.2%} is above {limit:g} %")
