# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The OCR-D processors: PAGE in, PAGE or other formats out. No other layer knows OCR and OCR-D.

* ``preprocess``, ``detect``, ``classify``, ``recognize``, ``export``: one processor each;
* ``model_requests``: from parameters to requests for models;
* ``line_images``: the lines of a page as images;
* ``page_regions``: regions of a page and their lines; ``model_regions``: those of a layout
  model; ``tables``: tables and their cells; ``word_outlines``: outlines of words and glyphs;
* ``reading_order``: places in the reading order, and a better one; ``right_to_left_pages``: lines
  and tables of text that runs from right to left; ``barcodes``: barcodes;
* ``remarks``: messages about pages that a processor could not work on.

`create` returns a processor by the name of its executable, and `make_step` the step that it does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..config.tools import tool_description
from ..errors import UsageError
from ..runtime.processor import Processor
from ..runtime.step import Existing, FileKind, Step


def create(executable: str, parameters: Mapping[str, Any]) -> Processor:
    """Create a processor, which loads its models if it has any.

    Args:
        executable: name of the executable, such as ``ocrd-rapid-detect``.
        parameters: all its parameters, see `ocrd_rapid.config.parameters.complete_parameters`.

    Raises:
        ResourceNotFoundError: a model is not installed.
        ModelError: a model cannot be loaded.
        UsageError: there is no such processor.
    """
    if executable == "ocrd-rapid-preprocess":
        from .preprocess import PreprocessProcessor

        return PreprocessProcessor.from_parameters(parameters)
    if executable == "ocrd-rapid-detect":
        from .detect import DetectProcessor

        return DetectProcessor.from_parameters(parameters)
    if executable == "ocrd-rapid-classify":
        from .classify import ClassifyProcessor

        return ClassifyProcessor.from_parameters(parameters)
    if executable == "ocrd-rapid-recognize":
        from .recognize import RecognizeProcessor

        return RecognizeProcessor.from_parameters(parameters)
    if executable == "ocrd-rapid-export":
        from .export import ExportProcessor

        return ExportProcessor.from_parameters(parameters)
    raise UsageError(f"there is no processor '{executable}'")


def make_step(
    executable: str, parameters: Mapping[str, Any], input_group: str, output_group: str, *,
    page_ids: str | None, existing: Existing,
) -> Step:  # fmt: skip
    """Return the step that a processor does.

    Args:
        executable: name of the executable.
        parameters: all its parameters, see `ocrd_rapid.config.parameters.complete_parameters`.
        input_group: file group to read.
        output_group: file group to write.
        page_ids: expression of ``--page-id``; without one, all pages.
        existing: what to do about existing output.

    Raises:
        UsageError: a parameter cannot be combined with another one.
    """
    gives: tuple[FileKind, ...] = ()
    if executable == "ocrd-rapid-export":
        from .export import file_kinds

        gives = file_kinds(parameters)
    return Step(
        executable=executable,
        step=tool_description(executable)["steps"][0],
        input_group=input_group,
        output_group=output_group,
        parameters=parameters,
        page_ids=page_ids or None,
        existing=existing,
        gives=gives,
        per_work=bool(gives) and bool(parameters["per_work"]),
    )
