"""The command line of OCR-D processors: https://ocr-d.de/en/spec/cli.

The information options come before the engine: none of them loads more than it needs.
"""

from __future__ import annotations

import json
import logging
import sys
import tarfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from .. import __version__
from ..config.tools import tool_description
from . import logs
from .errors import console_script

LOG = logging.getLogger("ocrd_rapid.processor")

_EXAMPLES = {
    "ocrd-rapid-detect": "ocrd-rapid-detect -I OCR-D-IMG -O OCR-D-SEG",
    "ocrd-rapid-classify": "ocrd-rapid-classify -I OCR-D-SEG -O OCR-D-ORI",
    "ocrd-rapid-recognize": "ocrd-rapid-recognize -I OCR-D-ORI -O OCR-D-OCR",
}


def processor_command(executable: str) -> click.Command:
    """Return the command of one processor."""

    @click.command(add_help_option=False, context_settings={"allow_interspersed_args": True})
    @click.option("-m", "--mets")
    @click.option("-w", "--working-dir")
    @click.option("-I", "--input-file-grp")
    @click.option("-O", "--output-file-grp")
    @click.option("-g", "--page-id")
    @click.option("--overwrite", is_flag=True)
    @click.option("-p", "--parameter", multiple=True)
    @click.option("-P", "--parameter-override", nargs=2, multiple=True)
    @click.option("-l", "--log-level", type=click.Choice(list(logs.LEVELS)), default="INFO")
    @click.option("--log-filename", type=click.Path(dir_okay=False, path_type=Path))
    @click.option("-C", "--show-resource")
    @click.option("-L", "--list-resources", is_flag=True)
    @click.option("-R", "--resolve-resource")
    @click.option("-J", "--dump-json", is_flag=True)
    @click.option("-D", "--dump-module-dir", is_flag=True)
    @click.option("-h", "--help", "show_help", is_flag=True)
    @click.option("-V", "--version", is_flag=True)
    def command(**options: Any) -> int:
        logs.configure(options["log_level"], options["log_filename"])
        if len(sys.argv) == 1:
            _show_help(executable)
            return 1  # as OCR-D core does
        informed = _inform(executable, options)
        if not informed:
            _process(executable, options)
        return 0

    return command


def _inform(executable: str, options: dict[str, Any]) -> bool:
    """Answer the first information option that was given; return whether there was one."""
    questions: list[tuple[str, Callable[[Any], object]]] = [
        ("show_help", lambda _: _show_help(executable)),
        ("version", lambda _: click.echo(f"Version {__version__}, ocrd-rapid {__version__}")),
        ("dump_json", lambda _: click.echo(json.dumps(tool_description(executable), indent=1))),
        ("dump_module_dir", lambda _: _dump_module_dir()),
        ("resolve_resource", lambda name: _resolve_resource(executable, name)),
        ("show_resource", lambda name: _show_resource(executable, name)),
        ("list_resources", lambda _: _list_resources(executable)),
    ]
    for name, answer in questions:
        if options[name]:
            answer(options[name])
            return True
    return False


def _show_help(executable: str) -> None:
    from .help import processor_help

    click.echo(processor_help(tool_description(executable), _EXAMPLES[executable]))


def _dump_module_dir() -> None:
    from ..resmgr.locations import module_dir

    click.echo(str(module_dir()))


def _resolve_resource(executable: str, name: str) -> None:
    from ..resmgr.locations import resolve

    path = resolve(name, executable)
    # A path that is given is given back: relative paths stay relative.
    click.echo(name if path == Path.cwd() / name else str(path))


def _show_resource(executable: str, name: str) -> None:
    from ..resmgr.locations import resolve

    path = resolve(name, executable)
    output = sys.stdout.buffer
    if path.is_dir():
        with tarfile.open(fileobj=output, mode="w|gz") as archive:
            archive.add(path, arcname=".")
        return
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            output.write(chunk)


def _list_resources(executable: str) -> None:
    from ..resmgr.installed import list_files

    for _, path in list_files(executable, tool_description(executable)):
        click.echo(path.name)


def _process(executable: str, options: dict[str, Any]) -> None:
    """Process a workspace."""
    from ..config.parameters import complete_parameters, parse_parameters
    from ..errors import UsageError
    from ..processors import create
    from ..processors.models import with_config
    from ..runtime.run import Step, run_step
    from ..workspace.workspace import Workspace
    from .progress import progress_bar

    for option, name in (("-I/--input-file-grp", "input"), ("-O/--output-file-grp", "output")):
        if not options[f"{name}_file_grp"]:
            raise UsageError(f"{option} is required ('{executable} --help' shows how)")
    tool = tool_description(executable)
    given = parse_parameters(
        options["parameter"],
        options["parameter_override"],
        find_preset=partial(_find_preset, executable),
    )
    parameters = complete_parameters(with_config(executable, given), tool, executable=executable)
    workspace = Workspace.open(_path(options["mets"]), _path(options["working_dir"]))
    step = Step(
        executable=executable,
        step=tool["steps"][0],
        input_group=options["input_file_grp"],
        output_group=options["output_file_grp"],
        parameters=parameters,
        page_ids=options["page_id"],
        overwrite=options["overwrite"],
    )
    with progress_bar(executable, "page") as progress:
        summary = run_step(
            workspace, step, partial(create, executable, parameters), progress=progress
        )
    LOG.info(
        "%s: %d pages done, %d failed; output in file group %s",
        executable, len(summary.done), len(summary.failed), step.output_group,
    )  # fmt: skip


def _path(value: str | None) -> Path | None:
    return Path(value.removeprefix("file://")) if value else None


def _find_preset(executable: str, name: str) -> Path | None:
    """Return the preset of this name among the resources, if there is one."""
    from ..errors import ResourceNotFoundError
    from ..resmgr.locations import resolve

    try:
        return resolve(name, executable)
    except ResourceNotFoundError:
        return None


detect = console_script(processor_command("ocrd-rapid-detect"), "ocrd-rapid-detect")
classify = console_script(processor_command("ocrd-rapid-classify"), "ocrd-rapid-classify")
recognize = console_script(processor_command("ocrd-rapid-recognize"), "ocrd-rapid-recognize")
