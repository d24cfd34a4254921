# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The options of formats, shared by commands."""

from __future__ import annotations

from typing import Any

import click
import pytest
from click.testing import CliRunner

from ocrd_rapid.cli.export_choices import ExportChoices, export_choices, formats_to_write
from ocrd_rapid.errors import UsageError
from ocrd_rapid.export.export_options import ExportOptions


def chosen(*arguments: str) -> ExportChoices:
    """Return what a command gets for its arguments."""
    found: list[ExportChoices] = []

    @click.command()
    @click.option("-o", "output", default="")
    @export_choices
    def command(choices: ExportChoices, output: str) -> None:
        found.append(choices)

    done = CliRunner().invoke(command, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return found[0]


def names(choices: ExportChoices, output: str = "") -> list[str]:
    return [known.name for known in formats_to_write(choices, output)]


def test_without_options_all_is_as_the_writers_have_it() -> None:
    choices = chosen()
    assert choices.options == ExportOptions(generator=choices.options.generator)
    assert choices.options.generator.startswith("ocrd-rapid ")
    assert choices.labels == {}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--paragraphs"], {"paragraphs": True}),
        (["--lines"], {"paragraphs": False}),
        (["--keep-hyphens"], {"join_hyphens": False}),
        (["--spelling", "modern"], {"modern_spelling": True}),
        (["--keep-furniture"], {"furniture": True}),
        (["--alto-version", "2.1"], {"alto_version": "2.1"}),
        (["--no-hyp"], {"alto_hyphens": False}),
        (["--pdf-type", "pdfa"], {"pdf_type": "pdfa"}),
        (["--pdf-hyphens", "join"], {"pdf_join_hyphens": True}),
    ],
)
def test_every_option_reaches_the_writers(arguments: list[str], expected: dict[str, Any]) -> None:
    choices = chosen(*arguments)
    assert choices.options == ExportOptions(generator=choices.options.generator, **expected)


def test_formats_are_separated_by_commas_or_repeated() -> None:
    assert names(chosen("-f", "txt,alto", "-f", " PDF ,txt")) == ["txt", "alto", "pdf"]


def test_the_name_of_the_output_decides_where_no_format_is_given() -> None:
    assert names(chosen()) == ["txt"]
    assert names(chosen(), "book.PDF") == ["pdf"]
    assert names(chosen(), "book.alto.xml") == ["alto"]
    assert names(chosen(), "book") == ["txt"]
    assert names(chosen("-f", "md"), "book.pdf") == ["md"]


def test_text_does_not_get_the_name_of_an_image() -> None:
    with pytest.raises(UsageError, match=r"scan\.tif; name a format with -f"):
        names(chosen(), "scan.tif")
    assert names(chosen("-f", "txt"), "scan.tif") == ["txt"]
    assert names(chosen(), "scans.tif/") == ["txt"]


@pytest.mark.parametrize("value", ["epub", "txt,epub", ""])
def test_an_unknown_format_is_named_with_the_known_ones(value: str) -> None:
    with pytest.raises(UsageError, match=r"formats are txt, md"):
        chosen("-f", value)
