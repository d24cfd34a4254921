# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What became of a conversion: for the exit code, for people, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import ExitCode


@dataclass(frozen=True)
class Failure:
    """Something that could not be read or written.

    Attributes:
        input: the input, as the user named it.
        message: what is wrong, with the name of the input.
        code: the exit code of the error.
        page: the number of the page; ``None`` for a whole document.
    """

    input: str
    message: str
    code: ExitCode
    page: int | None = None


@dataclass(frozen=True)
class ConversionReport:
    """The results of a conversion.

    Attributes:
        documents: number of documents.
        failed_documents: number of those of which nothing could be read, or an output not written.
        pages: number of pages of the documents that could be opened.
        failed_pages: number of those that could not be read.
        seconds: duration.
        outputs: the files that were written.
        failures: what failed, in the order of the inputs.
        errors: the comparison with ground truth as values for JSON; empty if there was none.
        rates: the same in one line.
    """

    documents: int
    failed_documents: int
    pages: int
    failed_pages: int
    seconds: float
    outputs: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    errors: Mapping[str, Any] = field(default_factory=dict)
    rates: str = ""

    @property
    def exit_code(self) -> ExitCode:
        """Success; the common reason if all documents failed; that some did, or some outputs."""
        if not self.failures:
            return ExitCode.OK
        if self.failed_documents < self.documents or self.outputs:
            return ExitCode.TOO_MANY_FAILURES
        codes = {failure.code for failure in self.failures}
        return codes.pop() if len(codes) == 1 else ExitCode.INPUT

    @property
    def summary(self) -> Iterator[str]:
        """The failures in lines, after a line that counts them if they are not everything."""
        if self.failed_documents and self.documents > 1:
            yield f"{self.failed_documents} of {self.documents} documents failed"
        elif self.failed_pages and self.pages > 1:
            yield f"{self.failed_pages} of {self.pages} pages failed"
        for failure in self.failures:
            yield failure.message

    def as_json(self) -> dict[str, Any]:
        """Return the report as values for JSON."""
        found: dict[str, Any] = {
            "documents": {
                "done": self.documents - self.failed_documents,
                "failed": self.failed_documents,
            },
            "pages": {"done": self.pages - self.failed_pages, "failed": self.failed_pages},
            "seconds": round(self.seconds, 3),
            "pages_per_minute": round(60 * self.pages / self.seconds, 1) if self.seconds else None,
            "outputs": list(self.outputs),
            "failures": [
                {"input": f.input, "page": f.page, "code": int(f.code), "message": f.message}
                for f in self.failures
            ],
        }
        if self.errors:
            found["comparison"] = dict(self.errors)
        return found
