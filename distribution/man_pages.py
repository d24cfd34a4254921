# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Write the help of every command as a man page.

    man_pages.py FOLDER

click-man would do it for plain commands of click only: it knows neither sections of options nor
the help of OCR-D processors. Here a formatter of click writes roff in place of plain text, so a
page has what ``--help`` has, in the same order. ``ocrd-rapid export`` and ``ocrd-rapid-export`` are
two commands: the page of the first has an underscore, and ``man ocrd-rapid ocr`` finds it as well.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from archive_entries import source_date

from ocrd_rapid import __version__
from ocrd_rapid.cli.groups import first_sentence
from ocrd_rapid.cli.main import cli
from ocrd_rapid.cli.processor import help_text
from ocrd_rapid.config.tools import executables, tool_description

PROGRAM = "ocrd-rapid"


def escaped(text: str) -> str:
    """Return a text as roff prints it: a hyphen is one, and no line is a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^(?=[.'])", r"\\&", text, flags=re.MULTILINE)


def verbatim(text: str) -> str:
    """Return lines that are kept as they are."""
    return f".nf\n{escaped(text)}\n.fi\n"


class Roff(click.HelpFormatter):
    """A formatter of help that writes roff."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the synopsis."""
        self.write(f".SH SYNOPSIS\n.B {escaped(prog)}\n{escaped(args)}\n.SH DESCRIPTION\n")

    def write_heading(self, heading: str) -> None:
        """Write the heading of a section."""
        self.write(f'.SH "{escaped(heading.upper())}"\n')

    def write_paragraph(self) -> None:
        """Begin a paragraph."""
        self.write(".PP\n")

    def write_text(self, text: str) -> None:
        """Write paragraphs; those that begin with a backspace keep their lines."""
        for paragraph in text.split("\n\n"):
            kept = paragraph.strip("\n").startswith("\b")
            body = paragraph.strip("\n").removeprefix("\b\n")
            self.write(".PP\n" + (verbatim(body) if kept else f"{escaped(body)}\n"))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write a list of options or commands."""
        for term, text in rows:
            self.write(f".TP\n.B {escaped(term)}\n{escaped(' '.join(text.split()))}\n")


def title_of(name: str) -> str:
    """Return the title of the page of a command."""
    return name.replace(" ", "_")


def page(name: str, summary: str, body: str) -> str:
    """Return a man page.

    Args:
        name: the command, with spaces before the names of commands of a group.
        summary: what it does, in one sentence.
        body: the sections after the name, in roff.
    """
    title = title_of(name)
    date = time.strftime("%Y-%m-%d", time.gmtime(source_date()))
    command = name.rpartition(" ")[0]
    others = [title_of(command)] if command else [PROGRAM, *executables()]
    also = ", ".join(f"{other}(1)" for other in others if other != title)
    return (
        f'.TH "{escaped(title.upper())}" 1 {date} "{PROGRAM} {__version__}" "{PROGRAM}"\n'
        f".SH NAME\n{escaped(title)} \\- {escaped(summary)}\n{body}"
        f'.SH "SEE ALSO"\n{escaped(also)}\n'
    )


def commands(command: click.Command, context: click.Context) -> Iterator[click.Context]:
    """Yield the context of a command, and of all commands below it."""
    yield context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            inner = click.Context(below, parent=context, info_name=name, **below.context_settings)
            yield from commands(below, inner)


def command_page(context: click.Context) -> str:
    """Return the man page of a command."""
    formatter = Roff()
    context.command.format_help(context, formatter)
    return page(context.command_path, first_sentence(context.command), formatter.getvalue())


def processor_page(executable: str) -> str:
    """Return the man page of a processor, whose help has the layout of OCR-D."""
    summary = str(tool_description(executable)["description"]).partition(". ")[0]
    usage, _, rest = help_text(executable).partition("\n\n")
    synopsis = escaped(usage.removeprefix("Usage: "))
    return page(
        executable, summary, f".SH SYNOPSIS\n{synopsis}\n.SH DESCRIPTION\n{verbatim(rest.rstrip())}"
    )


def main() -> None:
    """Write all pages into the folder that is named."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    root = click.Context(cli, info_name=PROGRAM, **cli.context_settings)
    pages = {
        title_of(context.command_path): command_page(context) for context in commands(cli, root)
    }
    pages |= {executable: processor_page(executable) for executable in executables()}
    for name, text in pages.items():
        (folder / f"{name}.1").write_text(text, encoding="utf-8", newline="\n")
    print(f"{len(pages)} man pages in {folder}")


if __name__ == "__main__":
    main()
