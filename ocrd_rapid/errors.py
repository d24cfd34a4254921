# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""One tree of exceptions, every class with the exit code the command line gives it.

A message names what is wrong and where, and the command that fixes it, if there is one. The
command line prints it as one line; only a defect of ours shows a traceback.
"""

from __future__ import annotations

from enum import IntEnum

from .addresses import scrub


class ExitCode(IntEnum):
    """What our commands return to the shell (documented in ``docs/exit-codes.md``)."""

    OK = 0
    FAILURE = 1
    """Anything without a code of its own, and unexpected defects."""
    USAGE = 2
    """A command line that cannot be understood (the code that click uses, too)."""
    PARAMETER = 3
    """A parameter or configuration value that is not allowed."""
    RESOURCE_NOT_FOUND = 4
    """A model or another resource that is not known or not installed."""
    NETWORK = 5
    """No source of a resource could be reached, or offline mode forbade it."""
    INTEGRITY = 6
    """Content that does not have the expected size or hash."""
    STORAGE = 7
    """No space left, or no permission to write."""
    INPUT = 8
    """A METS, PAGE-XML or image that is missing or cannot be read."""
    MODEL = 9
    """A file that is not a usable model, or an engine that cannot run it."""
    OUTPUT_EXISTS = 10
    """There is output already, and nobody asked to replace it."""
    TOO_MANY_FAILURES = 11
    """More pages failed than are allowed to."""
    QUALITY = 12
    """Text has more errors than it may have."""
    INTERRUPTED = 130
    """Ctrl-C: 128 + SIGINT, as shells have it."""
    TERMINATED = 143
    """SIGTERM: 128 + 15; SIGHUP is handled alike."""


class OcrdRapidError(Exception):
    """Base of all errors that a user can fix.

    Secrets in the addresses of a message are left out, so that no program that logs or shows it,
    and no traceback, gives them away.
    """

    exit_code = ExitCode.FAILURE

    def __init__(self, *arguments: object) -> None:
        super().__init__(*(scrub(a) if isinstance(a, str) else a for a in arguments))


class UsageError(OcrdRapidError):
    """The command line asks for something impossible."""

    exit_code = ExitCode.USAGE


class MissingExtraError(UsageError):
    """An optional library that the command line asks for is not installed."""


class ConfigurationError(OcrdRapidError, ValueError):
    """A configuration key or value is not allowed."""

    exit_code = ExitCode.PARAMETER


class ParameterError(ConfigurationError):
    """A processor parameter is unknown, missing or has a value that is not allowed."""


class ResourceError(OcrdRapidError):
    """Base of the errors about resources."""


class ResourceNotFoundError(ResourceError, FileNotFoundError):
    """A resource is neither a file nor installed anywhere on the search path."""

    exit_code = ExitCode.RESOURCE_NOT_FOUND


class UnknownResourceError(ResourceError):
    """The databases have no entry of this name."""

    exit_code = ExitCode.RESOURCE_NOT_FOUND


class DownloadError(ResourceError):
    """No source of a resource delivered it."""

    exit_code = ExitCode.NETWORK


class OfflineError(DownloadError):
    """Offline mode forbids a request."""


class IntegrityError(ResourceError):
    """Content differs from what the catalogue says it must be."""

    exit_code = ExitCode.INTEGRITY


class StorageError(OcrdRapidError):
    """A directory cannot be written to, or is full."""

    exit_code = ExitCode.STORAGE


class InputError(OcrdRapidError):
    """Base of the errors in the data to be processed."""

    exit_code = ExitCode.INPUT


class MetsError(InputError):
    """A METS file is missing, broken, or lacks a requested part."""


class PageXmlError(InputError):
    """A PAGE-XML file is missing, broken, or of a kind that cannot be processed."""


class ImageError(InputError):
    """An image is missing, unreadable, or of a kind that cannot be processed."""


class CorrectionsError(InputError):
    """A file of corrections cannot be read, or does not fit the pages."""


class MetsServerError(MetsError):
    """A METS server cannot be reached, is not a METS server, or serves another workspace."""


class WorkerError(OcrdRapidError):
    """A server of OCR-D's processing network cannot be reached, or no longer."""

    exit_code = ExitCode.NETWORK


class OutputExistsError(OcrdRapidError):
    """The output is there already."""

    exit_code = ExitCode.OUTPUT_EXISTS


class ModelError(OcrdRapidError):
    """A model file is not a model, is damaged, or does not fit its use."""

    exit_code = ExitCode.MODEL


class ModelFileNotFoundError(ModelError, FileNotFoundError):
    """A model's file, or the file with its weights, is not there."""


class ModelEndsError(ModelError):
    """A model has more or fewer inputs or outputs than its use knows."""


class EngineError(ModelError):
    """An inference engine is not installed or cannot do what is asked."""


class ForeignProcessorError(OcrdRapidError):
    """A processor that is not ours failed; it has reported the error itself."""


class QualityError(OcrdRapidError):
    """Text has more errors than it may have."""

    exit_code = ExitCode.QUALITY


class PageTimeoutError(OcrdRapidError):
    """A page took longer than it may."""

    exit_code = ExitCode.TOO_MANY_FAILURES


class TooManyFailuresError(OcrdRapidError):
    """More pages failed than are allowed to."""

    exit_code = ExitCode.TOO_MANY_FAILURES


class NotArchivableError(OcrdRapidError):
    """A document cannot be PDF/A, as it must be."""

    exit_code = ExitCode.TOO_MANY_FAILURES
