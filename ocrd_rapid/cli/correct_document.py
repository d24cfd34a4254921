# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Read a document into a workspace beside it, to correct it there."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import ExitCode, InputError, ResourceNotFoundError
from .memory import limit_arenas
from .progress import pages_bar


def read_document(source: Path) -> Path:
    """Return the METS of the workspace of a document, which is read unless it has been.

    The workspace has the name of the document, with ``.ocrd`` in place of its suffix.

    Raises:
        InputError: the document cannot be read.
        OcrdRapidError: see `ocrd_rapid.conversion.convert_documents.convert`.
    """
    from ..conversion.convert_documents import ConversionListener, ConversionRequest, convert
    from ..conversion.default_models import with_remedy

    folder = source.absolute().with_suffix(".ocrd")
    request = ConversionRequest(
        [str(source.absolute())], (), f"{folder}/", workspace=folder, resume=True
    )
    click.echo(f"{source}: reading into {folder}", err=True)
    limit_arenas()
    with pages_bar(shown=True) as bar:
        listener = ConversionListener(
            bar.update, lambda text: bar.say(f"ocrd-rapid: note: {text}"), aside=bar.aside
        )
        try:
            report = convert(request, listener)
        except KeyboardInterrupt as error:
            error.args = ("the same command reads the rest",)
            raise
        except ResourceNotFoundError as error:
            raise with_remedy(error, request.reading.quality) from error
    mets = folder / "mets.xml"
    if not mets.is_file():
        reasons = "; ".join(report.summary) or "nothing was read"
        raise InputError(f"{source} cannot be corrected: {reasons}")
    if report.exit_code is not ExitCode.OK:
        click.echo("\n".join(report.summary), err=True)
    return mets
