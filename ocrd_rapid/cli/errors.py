# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Map exceptions to one line on stderr and an exit code."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click

from ..addresses import scrub
from ..errors import ExitCode, OcrdRapidError
from . import streams, usage

LOG = logging.getLogger(__name__)

_STORAGE_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}


def run_command(command: click.Command, name: str, arguments: list[str] | None = None) -> int:
    """Run a click command; return its exit code.

    Errors that a user can fix become one line on stderr. Anything else is a bug of ours: also one
    line, with the traceback at log level DEBUG.
    """

    def call() -> int:
        code = command.main(args=arguments, prog_name=name, standalone_mode=False)
        return code if isinstance(code, int) else ExitCode.OK

    with _terminable():
        return int(guard(call, name))


class Terminated(KeyboardInterrupt):
    """SIGTERM or SIGHUP arrived: work in progress is cleaned up as after Ctrl-C."""


#: SIGHUP comes when a terminal or a connection closes. Not all systems have it.
_ENDS = [s for s in (signal.SIGTERM, getattr(signal, "SIGHUP", None)) if s is not None]


@contextlib.contextmanager
def _handled(
    numbers: Iterable[signal.Signals], handler: Callable[[int, FrameType | None], None]
) -> Iterator[None]:
    """Handle signals in another way until the end of a block.

    Ignored signals stay ignored: ``nohup`` ignores SIGHUP so that work goes on. In other threads
    than the main one, where signals do not arrive, nothing changes: we are part of another program.
    """
    before: dict[signal.Signals, Any] = {}
    if threading.current_thread() is threading.main_thread():
        for number in numbers:
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, handler)
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def _terminable() -> contextlib.AbstractContextManager[None]:
    """Let SIGTERM and SIGHUP end the program as cleanly as Ctrl-C does."""

    def stop(signum: int, frame: object) -> None:
        raise Terminated

    return _handled(_ENDS, stop)


@contextlib.contextmanager
def held_signals() -> Iterator[None]:
    """Hold back Ctrl-C, SIGTERM and SIGHUP until the end of a block, which must be short."""
    came: list[int] = []
    try:
        with _handled((signal.SIGINT, *_ENDS), lambda signum, frame: came.append(signum)):
            yield
    finally:
        for signum in came[:1]:
            signal.raise_signal(signum)


def guard(call: Callable[[], int], name: str) -> int:
    """Call a function and map its exceptions to exit codes."""
    try:
        return call()
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.ClickException as error:
        return _complain(name, usage.explain(error, name), ExitCode.USAGE)
    except SystemExit:
        # Our code never exits. Click does when the reader of our output is gone, as `head` is.
        return ExitCode.OK
    except (click.Abort, KeyboardInterrupt) as error:
        if isinstance(error.__cause__ or error, Terminated):  # click wraps it
            return _complain(name, _with_hint("terminated", error), ExitCode.TERMINATED)
        return _complain(name, _with_hint("interrupted", error), ExitCode.INTERRUPTED)
    except OcrdRapidError as error:
        return _complain(name, str(error), error.exit_code)
    except OSError as error:
        code = ExitCode.STORAGE if error.errno in _STORAGE_ERRORS else ExitCode.FAILURE
        where = f" ({error.filename})" if error.filename else ""
        return _complain(name, f"{error.strerror or error}{where}", code)
    except Exception as error:  # the last resort: no traceback for the user
        LOG.debug("unexpected error", exc_info=True)
        message = f"unexpected {type(error).__name__}: {error}; --log-level DEBUG shows where"
        return _complain(name, message, ExitCode.FAILURE)


def _with_hint(word: str, error: BaseException) -> str:
    """Return a word for the interruption, with the hint of the code that was interrupted."""
    hint = str(error.__cause__ or error)
    return f"{word}; {hint}" if hint else word


def _complain(name: str, message: str, code: ExitCode) -> int:
    line = scrub(" ".join(message.split()))
    click.echo(f"{name}: error: {line}", err=True)
    return code


def console_script(command: click.Command, name: str) -> Callable[[], Any]:
    """Return the function that an entry point calls."""

    def main() -> None:
        run_commands(command, name or Path(sys.argv[0]).name, [sys.argv[1:]])

    return main


def run_commands(command: click.Command, name: str, lines: Sequence[list[str]]) -> NoReturn:
    """Run a command with each list of arguments in turn; end the process with the first failure.

    As in a shell, a failure does not keep the next from running.
    """
    streams.secure()
    # Libraries warn of things that we report ourselves, or that no user can fix.
    logging.captureWarnings(True)
    codes = [run_command(command, name, arguments) for arguments in lines]
    _leave(next((code for code in codes if code), 0))


def _leave(code: int) -> NoReturn:
    """End the process, immediately if a thread is still busy with an abandoned page.

    Python would tear down its interpreter under running native code.
    """
    parallel = sys.modules.get(f"{__package__.rpartition('.')[0]}.runtime.parallel")
    if parallel is not None and parallel.still_working():
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
