# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid convert``: convert ONNX models to OpenVINO's format."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from ..errors import OutputExistsError
from .groups import CONTEXT

if TYPE_CHECKING:
    from ..inference.convert import Conversion


def _file_name(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if value and (Path(value).name != value or value.startswith(".")):
        raise click.BadParameter(f"'{value}' is not a file name without a directory")
    return value.removesuffix(".xml")


@click.command(context_settings=CONTEXT)
@click.argument("model", metavar="MODEL.onnx", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output-dir",
    "directory",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Output directory; created if it does not exist.",
)
@click.option(
    "--name", default="", callback=_file_name, help="Name of the files.  [default: MODEL's]"
)
@click.option("--fp16", is_flag=True, help="Store the weights in 16 bits: half the size.")
@click.option(
    "--alphabet",
    metavar="NAMES",
    default="",
    help="For recognition models: keep only the characters of these scripts and languages,"
    " such as latin or deu,fra.",
)
@click.option("--onnx", is_flag=True, help="With --alphabet: write an ONNX file instead.")
@click.option("--overwrite", is_flag=True, help="Replace existing files.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(
    model: Path,
    directory: Path,
    name: str,
    fp16: bool,
    alphabet: str,
    onnx: bool,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Convert MODEL.onnx to OpenVINO's format: NAME.xml and NAME.bin.

    Metadata, such as the characters of a recognition model, is kept. Both models are compared on
    inputs of several widths; if their outputs differ too much, nothing is written.

    \b
    Examples:
      ocrd-rapid convert PP-OCRv6_rec_small.onnx -o models
      ocrd-rapid convert PP-OCRv6_rec_small.onnx -o models --fp16 --name rec16
      ocrd-rapid convert PP-OCRv6_rec_small.onnx -o models --alphabet latin --onnx
    """
    if onnx and (not alphabet or fp16):
        raise click.UsageError("--onnx requires --alphabet and cannot be combined with --fp16")
    if alphabet:
        name = name or f"{model.stem}_{alphabet.replace(',', '+')}"
    if onnx:
        _cut(model, directory / f"{name.removesuffix('.onnx')}.onnx", alphabet, overwrite, as_json)
        return
    from ..inference.convert import convert

    with _only_warnings("ocrd_rapid.inference"), _part(model, alphabet) as source:
        done = convert(source, directory, name=name, fp16=fp16, overwrite=overwrite)
        done = replace(done, source=model, bytes_before=model.stat().st_size)
    click.echo(json.dumps(_plain(done), ensure_ascii=False, indent=2) if as_json else _text(done))


def _cut(model: Path, target: Path, alphabet: str, overwrite: bool, as_json: bool) -> None:
    """Write an ONNX file with the characters of an alphabet."""
    from ..languages.language_names import parse_languages
    from ..loading.cutting import cut_model
    from ..ocr.recognition.alphabets import Alphabet

    if target.exists() and not overwrite:
        raise OutputExistsError(
            f"{target} already exists; replace it with --overwrite, or choose --name NAME"
        )
    with _only_warnings("ocrd_rapid.inference"):
        done = cut_model(model, Alphabet(parse_languages(alphabet, "--alphabet")), target)
    if as_json:
        facts = {**asdict(done), "path": str(done.path), "source": str(model)}
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
        return
    sizes = f"{_size(model.stat().st_size)} before, {_size(target.stat().st_size)} after"
    click.echo(
        f"{done.path}\n"
        f"classes: {done.classes_before} before, {done.classes_after} after\n"
        f"size: {sizes}\n"
        f"largest difference of probabilities: {done.difference:.1e}"
    )


@contextmanager
def _part(model: Path, alphabet: str) -> Iterator[Path]:
    """Yield the model, or a temporary copy with only the characters of an alphabet."""
    if not alphabet:
        yield model
        return
    from ..languages.language_names import parse_languages
    from ..loading.cutting import cut_model
    from ..ocr.recognition.alphabets import Alphabet

    with TemporaryDirectory(prefix="ocrd-rapid-") as folder:
        yield cut_model(
            model, Alphabet(parse_languages(alphabet, "--alphabet")), Path(folder) / model.name
        ).path


@contextmanager
def _only_warnings(name: str) -> Iterator[None]:
    """Silence a logger at INFO: the models are loaded only for comparison."""
    logger = logging.getLogger(name)
    level = logger.level
    if logger.getEffectiveLevel() == logging.INFO:
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


def _text(done: Conversion) -> str:
    kept = ", ".join(done.metadata) or "none"
    inputs = ", ".join("x".join(map(str, one.shape)) for one in done.comparisons)
    return "\n".join(
        [
            f"{done.xml} (and {done.weights.name}, {16 if done.fp16 else 32}-bit weights)",
            f"size: {_size(done.bytes_before)} before, {_size(done.bytes_after)} after",
            f"metadata kept: {kept}",
            f"largest difference of outputs: {done.difference:.1e}"
            f" (allowed: {done.tolerance:.0e}; inputs: {inputs})",
        ]
    )


def _plain(done: Conversion) -> dict[str, Any]:
    return {
        "source": str(done.source),
        "xml": str(done.xml),
        "bin": str(done.weights),
        "fp16": done.fp16,
        "bytes_before": done.bytes_before,
        "bytes_after": done.bytes_after,
        "metadata": list(done.metadata),
        "max_difference": done.difference,
        "tolerance": done.tolerance,
        "comparisons": [
            {"shape": list(one.shape), "max_difference": one.difference} for one in done.comparisons
        ],
    }


def _size(count: int) -> str:
    return f"{count / 1_000_000:.2f} MB" if count >= 100_000 else f"{count} bytes"
