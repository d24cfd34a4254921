# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid train``: train the recognizer on a book's typeface."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import InputError, OutputExistsError, UsageError
from .groups import CONTEXT
from .progress import progress_bar

if TYPE_CHECKING:
    from ..ocr.recognition.head_files import Head
    from ..training.division import Division
    from ..training.line_sources import Notes
    from ..training.samples import Sample, TrainingLine
    from ..training.session import Setting
    from ..training.training_report import FinishedTraining

LOG = logging.getLogger(__name__)

#: Maximum number of unusable lines named in warnings.
_NAMED = 5


@dataclass(frozen=True)
class _TrainingRequest:
    """The options for the sources of lines and the destination of the head."""

    name: str
    sources: tuple[Path, ...]
    working_dir: Path | None
    group: str | None
    validation: str
    output: Path | None
    overwrite: bool
    seed: int
    as_json: bool

    def say(self, text: str) -> None:
        """Print text for people, with ``--json`` on standard error."""
        click.echo(text, err=self.as_json)


@click.command(context_settings=CONTEXT)
@click.option(
    "-w", "--working-dir", type=click.Path(path_type=Path), help="Directory of the workspace."
)
@click.option("-I", "--input-file-grp", metavar="GROUP", help="File group with ground truth.")
@click.option(
    "--model",
    metavar="NAME|FILE",
    default="PP-OCRv6_rec_small_8bit.onnx",
    show_default=True,
    help="Recognition model to train a head for.",
)
@click.option(
    "--head",
    metavar="NAME|FILE",
    default="auto",
    show_default=True,
    help="Head to start from; 'base' for the model's own, 'auto' for the most accurate one.",
)
@click.option(
    "--validation",
    default="0.1",
    show_default=True,
    metavar="SHARE|DOCUMENTS",
    help="Validation set: share of the lines, or documents (a,b).",
)
@click.option(
    "--epochs",
    metavar="N",
    type=click.IntRange(0, 1000),
    default=0,
    help="Number of passes over the lines.  [default: chosen by the number of lines]",
)
@click.option(
    "--hidden",
    metavar="N",
    type=click.IntRange(0, 4096),
    help="Size of a hidden layer that sees neighbouring columns, such as 256; 0 for none."
    "  [default: that of the head to start from]",
)
@click.option(
    "--context",
    metavar="COLUMNS",
    type=click.IntRange(1, 99),
    default=5,
    show_default=True,
    help="Number of columns that the hidden layer sees at once; odd.",
)
@click.option(
    "--stretch",
    metavar="FACTOR",
    type=click.FloatRange(0.25, 4),
    help="Draw lines so many times as wide, for scripts with narrow letters."
    "  [default: that of the head to start from]",
)
@click.option("--characters", default="", help="Additional characters to support.")
@click.option("--resume", is_flag=True, help="Resume an interrupted training.")
@click.option("--seed", type=int, default=1, show_default=True, help="Random seed.")
@click.option(
    "--threads",
    metavar="N",
    type=click.IntRange(0),
    default=0,
    help="Number of threads.  [default: one per core]",
)
@click.option(
    "--device",
    default="auto",
    show_default=True,
    type=click.Choice(["auto", "cpu", "cuda"]),
    help="Device to train on; 'auto' uses a GPU if available.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the head to this file instead of installing it.",
)
@click.option("--overwrite", is_flag=True, help="Replace an existing head.")
@click.option(
    "--curve",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the learning curve to this file (SVG).",
)
@click.option("--automatic", is_flag=True, help="Use this head by default.")
@click.option(
    "--language",
    "languages",
    metavar="CODE",
    multiple=True,
    help="Language of the lines (ISO 639-3); repeatable.",
)
@click.option("--font-family", default="", help="Typeface of the lines, such as Fraktur.")
@click.option("--licence", default="", help="Licence of the head, such as CC-BY-4.0.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.argument("name")
@click.argument("sources", nargs=-1, type=click.Path(path_type=Path))
def command(
    name: str, sources: tuple[Path, ...], working_dir: Path | None, input_file_grp: str | None,
    model: str, head: str, validation: str, epochs: int, hidden: int | None, context: int,
    stretch: float | None, characters: str, resume: bool, seed: int, threads: int, device: str,
    output: Path | None, overwrite: bool, curve: Path | None, automatic: bool,
    languages: tuple[str, ...], font_family: str, licence: str, as_json: bool,
) -> None:  # fmt: skip
    """Train the recognizer on a book's typeface.

    The result is a head named NAME: an additional output layer of the model. It is trained on lines
    with corrected text and installed like any resource of ocrd-rapid-recognize.

    SOURCES are files or directories: PAGE-XML or ALTO with images, line images with text files
    (x.png and x.gt.txt), or tab-separated tables (image, document, text). With -I, the lines come
    from a workspace.

    \b
    Examples:
      ocrd-rapid train mybook -I OCR-D-GT
      ocrd-rapid train mybook --head blackletter corrected/
      ocrd-rapid train runes --hidden 256 --head base lines/
    """
    request = _TrainingRequest(
        name, sources, working_dir, input_file_grp, validation, output, overwrite, seed, as_json
    )
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        raise UsageError(
            f"'{name}' is not a valid name for a head; use letters, digits, '.', '_' and '-',"
            " beginning with a letter or digit"
        )
    if not sources and input_file_grp is None:
        raise UsageError("no lines to train on: give SOURCES, or a file group with -I")
    if context % 2 == 0:
        raise UsageError(
            f"--context must be odd, not {context}: the hidden layer sees as many columns on the"
            " left as on the right"
        )
    from ..training import session
    from ..training.optimizer import TrainingOptions, require_torch
    from ..training.trainable_layers import Shape
    from ..training.training_report import describe_division, describe_epoch, describe_start

    require_torch()
    setting = session.prepare(model, head, threads, stretch)
    target = _target(request, setting.model)
    start, lines = _lines(request, setting, threads, device)
    division = _division(request, lines)
    shape = None if hidden is None else Shape(hidden, context)
    request.say(describe_start(start, shape))
    request.say(describe_division(division))
    header = {"languages": list(languages), "font_family": font_family, "licence": licence}
    new = session.NewHead(
        name, characters, {key: value for key, value in header.items() if value}, automatic,
        TrainingOptions(epochs=epochs, shape=shape, seed=seed, device=device),
    )  # fmt: skip
    done = session.run(
        new, setting, start, division,
        resume=resume, on_epoch=lambda epoch: request.say(describe_epoch(epoch)),
    )  # fmt: skip
    request.say(done.as_text())
    for warning in done.warnings:
        LOG.warning("%s", warning)
    drawn = _draw(curve, done, name)
    _save(request, target, done, setting.model)
    request.say(f"Learning curve: {drawn}")
    if as_json:
        report = {"head": str(target), **done.as_dict()}
        click.echo(json.dumps(report, indent=1, ensure_ascii=False))


def _target(request: _TrainingRequest, model: Path) -> Path:
    """Return the path of the new head."""
    from ..training.head_installation import path_of_head

    target = request.output or path_of_head(request.name, model)
    if target.exists() and not request.overwrite:
        raise OutputExistsError(
            f"{target} already exists; replace it with --overwrite, or choose another name"
        )
    return target


def _lines(
    request: _TrainingRequest, setting: Setting, threads: int, device: str
) -> tuple[Head, list[TrainingLine]]:
    """Return the head to start from, and the lines of all sources with their features."""
    from ..training import features, session
    from ..training.line_sources import Notes

    notes = Notes()
    engine = "CPU" if device == "cpu" else features.fastest_device()
    extractor = features.FeatureExtractor(setting.model, threads, device=engine)
    with progress_bar("features", "line") as progress:
        samples = _samples(request, notes)
        start, lines = session.compute(
            samples, setting, extractor, notes, lambda done: progress(done, 0)
        )
    features.tidy()
    for name, reason in notes.skipped[:_NAMED]:
        LOG.warning("skipped %s: %s", name, reason)
    if len(notes.skipped) > _NAMED:
        LOG.warning("skipped %d more", len(notes.skipped) - _NAMED)
    if not lines:
        raise InputError("no lines to train on: the sources contain no usable line with text")
    return start, lines


def _samples(request: _TrainingRequest, notes: Notes) -> Iterator[Sample]:
    from ..training import line_sources
    from ..workspace.workspace import Workspace

    if request.group is not None:
        workspace = Workspace.open(directory=request.working_dir)
        yield from line_sources.read_group(workspace, request.group, notes)
    yield from line_sources.read_sources(request.sources, notes)


def _division(request: _TrainingRequest, lines: list[TrainingLine]) -> Division:
    from ..training.division import choose, divide

    try:
        share = float(request.validation)
    except ValueError:
        return choose(lines, request.validation.split(","))
    return divide(lines, share, request.seed)


def _draw(path: Path | None, done: FinishedTraining, name: str) -> Path:
    """Write the learning curve and return its path."""
    from ..files import write_atomically
    from ..training.curve import svg
    from ..training.store import folder_of

    target = path or folder_of(name) / "curve.svg"
    picture = svg(done.result.history, done.result.best, f"{name}: character error rate by epoch")
    write_atomically(target, picture.encode("utf-8"))
    return target


def _save(request: _TrainingRequest, target: Path, done: FinishedTraining, model: Path) -> None:
    """Write the head to its file, or install it."""
    from ..ocr.recognition.head_files import write_head
    from ..training.head_installation import install_head

    if request.output is not None:
        write_head(done.result.head, target)
        request.say(f"\nWrote {target}")
        return
    installed = install_head(done.result.head, request.name, model)
    request.say(f"\nInstalled {installed}")
