"""``ocrd-rapid train``: teach the recogniser the type of a book."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import InputError, OutputExistsError, UsageError
from .progress import progress_bar

if TYPE_CHECKING:
    from ..training.ctc import Epoch
    from ..training.division import Division
    from ..training.line_sources import Notes
    from ..training.samples import Sample, TrainingLine
    from ..training.session import Session

LOG = logging.getLogger(__name__)

#: As many lines are named that cannot be used, documents and characters in the report.
_NAMED, _DOCUMENTS, _CHANGES = 5, 20, 15


@dataclass(frozen=True)
class _TrainingRequest:
    """What the options say."""

    name: str
    sources: tuple[Path, ...]
    working_dir: Path | None
    group: str | None
    model: str
    head: str
    validation: str
    output: Path | None
    overwrite: bool
    seed: int
    as_json: bool
    header: dict[str, Any] = field(default_factory=dict)

    def say(self, text: str = "") -> None:
        """Print for people; with ``--json`` standard output is not for them."""
        click.echo(text, err=self.as_json)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-w", "--working-dir", type=click.Path(path_type=Path), help="Workspace.")
@click.option("-I", "--input-file-grp", help="File group of the workspace with ground truth.")
@click.option(
    "--model",
    default="PP-OCRv6_rec_small.onnx",
    show_default=True,
    help="Recognition model whose features are read.",
)
@click.option(
    "--head",
    default="auto",
    show_default=True,
    help="Head to begin with; base for the model's own; auto for the one that reads best.",
)
@click.option(
    "--validation",
    default="0.1",
    show_default=True,
    metavar="SHARE|DOCUMENTS",
    help="Share of the lines, or names of documents (a,b), that are not learnt but judge.",
)
@click.option(
    "--epochs",
    type=click.IntRange(0, 1000),
    default=0,
    help="How often all lines are learnt.  [default: depends on their number]",
)
@click.option("--characters", default="", help="Characters to provide for beside those met.")
@click.option("--resume", is_flag=True, help="Go on with an interrupted training.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of all that is random.")
@click.option("--threads", type=click.IntRange(0), default=0, help="0 for one per core.")
@click.option(
    "--device",
    default="auto",
    show_default=True,
    type=click.Choice(["auto", "cpu", "cuda"]),
    help="Where to train; auto takes a GPU where there is one.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the head to a file instead of installing it.",
)
@click.option("--overwrite", is_flag=True, help="Replace a head of this name.")
@click.option(
    "--curve",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Draw the learning curve into this file (SVG).",
)
@click.option("--automatic", is_flag=True, help="Let the head be used without being asked for.")
@click.option("--language", "languages", multiple=True, help="ISO 639-3; may be repeated.")
@click.option("--font-family", default="", help="Types that the head is for, such as Fraktur.")
@click.option("--licence", default="", help="Licence of the head, such as CC-BY-4.0.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON, for scripts.")
@click.argument("name")
@click.argument("sources", nargs=-1, type=click.Path(path_type=Path))
def command(
    name: str, sources: tuple[Path, ...], working_dir: Path | None, input_file_grp: str | None,
    model: str, head: str, validation: str, epochs: int, characters: str, resume: bool,
    seed: int, threads: int, device: str, output: Path | None, overwrite: bool,
    curve: Path | None, automatic: bool, languages: tuple[str, ...], font_family: str,
    licence: str, as_json: bool,
) -> None:  # fmt: skip
    """Train head NAME with lines whose text is known.

    SOURCES are files or directories: PAGE-XML or ALTO with images, images of lines with their text
    (x.png and x.gt.txt), or tables (image, document, text, separated by tabs). With -I, the lines
    are those of a workspace. The head is installed as a resource of ocrd-rapid-recognize.

    \b
    Examples:
      ocrd-rapid train mybook -I OCR-D-GT
      ocrd-rapid train mybook --head blackletter corrected/
    """
    header = {"languages": list(languages), "font_family": font_family, "licence": licence}
    given = {key: value for key, value in header.items() if value}
    request = _TrainingRequest(
        name, sources, working_dir, input_file_grp, model, head, validation, output, overwrite,
        seed, as_json, given,
    )  # fmt: skip
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        raise UsageError(f"'{name}' is no name for a head; use letters, digits, '.', '_' and '-'")
    if not sources and input_file_grp is None:
        raise UsageError("name SOURCES, or a file group of a workspace with -I")
    from ..training import session
    from ..training.ctc import TrainingOptions, require_torch

    require_torch()
    setting = session.prepare(model, head, threads)
    target = _target(request, setting.model)
    lines = _lines(request, setting.model, threads, device)
    division = _division(request, lines)
    _show_division(request, division)
    options = TrainingOptions(epochs=epochs, seed=seed, device=device)
    done = session.run(
        name, setting, division, options,
        extra=characters, header=given, automatic=automatic, resume=resume,
        on_epoch=lambda epoch: _show_epoch(request, epoch),
    )  # fmt: skip
    _show(request, done)
    drawn = _draw(curve, done, name)
    _save(request, target, done, setting.model)
    request.say(f"Learning curve: {drawn}")
    if as_json:
        _print_json(done, target)


def _target(request: _TrainingRequest, model: Path) -> Path:
    """Return where the head will be."""
    from ..resmgr.locations import Location, resource_dir
    from ..training.session import EXECUTABLE, resource_name

    target = request.output
    if target is None:
        target = resource_dir(Location.DATA, EXECUTABLE) / resource_name(request.name, model)
    if target.exists() and not request.overwrite:
        raise OutputExistsError(f"{target} exists; replace it with --overwrite, or name another")
    return target


def _lines(request: _TrainingRequest, model: Path, threads: int, device: str) -> list[TrainingLine]:
    """Return the lines of all sources with their features."""
    from ..training import features, session
    from ..training.line_sources import Notes

    notes = Notes()
    engine = "CPU" if device == "cpu" else features.fastest_device()
    extractor = features.FeatureExtractor(model, threads, device=engine)
    with progress_bar("features", "line") as progress:
        samples = _samples(request, notes)
        lines = session.compute(samples, extractor, lambda done: progress(done, 0))
    features.tidy()
    for name, reason in notes.skipped[:_NAMED]:
        LOG.warning("left out: %s: %s", name, reason)
    if len(notes.skipped) > _NAMED:
        LOG.warning("left out: %d more", len(notes.skipped) - _NAMED)
    if not lines:
        raise InputError("there is no line with text to train with")
    return lines


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


def _show_division(request: _TrainingRequest, division: Division) -> None:
    documents = len({line.document for line in division.training})
    request.say(f"{len(division.training)} lines of {documents} documents are learnt")
    if not division.validation:
        request.say("no line is left for validation: nothing will tell whether that was enough")
    elif division.by_document:
        names = sorted({line.document for line in division.validation})
        request.say(f"{len(division.validation)} lines judge, of: {', '.join(names[:_NAMED])}")
    else:
        request.say(
            f"{len(division.validation)} lines judge, of the same document: it will be read"
            " a little worse than they say"
        )


def _show_epoch(request: _TrainingRequest, epoch: Epoch) -> None:
    text = f"epoch {epoch.number:3}  loss {epoch.loss:.3f}"
    if epoch.error == epoch.error:
        text += f"  error {epoch.error:7.2%}"
    if epoch.guard == epoch.guard:
        text += f"  roman type {epoch.guard:7.2%}"
    request.say(text)


def _show(request: _TrainingRequest, done: Session) -> None:
    """Print what has become of it."""
    from ..training.curve import sparkline

    history = done.result.history
    if done.division.validation:
        request.say(f"error per epoch: {sparkline([epoch.error for epoch in history])}")
        if done.result.best == 0:
            LOG.warning("every epoch reads the validation lines worse: the head stays as it was")
    report = done.report
    width = max(10, *(len(document.name) for document in report.documents[:_DOCUMENTS]))
    request.say(f"\n{'document':{width}}  lines  before   after")
    for document in report.documents[:_DOCUMENTS]:
        before, after = _rate(document.before), _rate(document.after)
        request.say(f"{document.name:{width}}  {document.lines:5}  {before}  {after}")
    if len(report.documents) > _DOCUMENTS:
        request.say(f"… and {len(report.documents) - _DOCUMENTS} more")
    lines = sum(document.lines for document in report.documents)
    request.say(f"{'all':{width}}  {lines:5}  {_rate(report.before)}  {_rate(report.after)}")
    request.say("\ncharacter  read as  before  after")
    for change in report.changes(_CHANGES):
        truth, text = (repr(part) if part.isspace() else part for part in change.confusion)
        request.say(f"{truth or '∅':9}  {text or '∅':7}  {change.before:6}  {change.after:5}")
    if done.forgets:
        LOG.warning(
            "roman type is read worse than before (by %.1f points): use this head only where"
            " its type is printed, not with --automatic",
            100 * done.forgotten,
        )


def _rate(comparison: Any) -> str:
    rate = comparison.character_error_rate
    return "      -" if rate is None else f"{rate:7.2%}"


def _draw(path: Path | None, done: Session, name: str) -> Path:
    from ..files import write_atomically
    from ..training.curve import svg
    from ..training.store import folder_of

    target = path or folder_of(name) / "curve.svg"
    picture = svg(done.result.history, done.result.best, f"{name}: wrong characters per epoch")
    write_atomically(target, picture.encode("utf-8"))
    return target


def _save(request: _TrainingRequest, target: Path, done: Session, model: Path) -> None:
    """Write the head to its file, or install it."""
    from dataclasses import replace

    from ..ocr.recognition.head_files import write_head
    from ..resmgr.download import download, unregistered
    from ..training import session, store

    if request.output is not None:
        write_head(done.result.head, target)
        request.say(f"\nWrote {target}")
        return
    made = store.folder_of(request.name) / target.name
    write_head(done.result.head, made)
    resource = unregistered(session.EXECUTABLE, target.name, str(made))
    described = replace(resource, description=f"Head '{request.name}' for {model.name}")
    download(described, overwrite=True)
    request.say(f"\nInstalled {target}")


def _print_json(done: Session, target: Path) -> None:
    history = [
        {key: None if value != value else value for key, value in vars(epoch).items()}
        for epoch in done.result.history
    ]
    forgotten = None if done.forgotten != done.forgotten else done.forgotten
    report = {
        "head": str(target),
        "lines": len(done.division.training),
        "validation_lines": len(done.division.validation),
        "by_document": done.division.by_document,
        "best_epoch": done.result.best,
        "epochs": history,
        "forgotten": forgotten,
        **done.report.as_dict(),
    }
    click.echo(json.dumps(report, indent=1, ensure_ascii=False))
