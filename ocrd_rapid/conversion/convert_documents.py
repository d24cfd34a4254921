# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""From inputs to outputs: everything that ``ocrd-rapid ocr`` does."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from ..documents.document import Document, DocumentOptions, DocumentSource
from ..documents.input_files import STANDARD_INPUT, find_documents
from ..documents.open_document import open_document
from ..errors import ExitCode, InputError, OcrdRapidError, UsageError
from ..evaluation.references import (
    ComparedDocument,
    References,
    as_data,
    compare_pages,
    page_differences,
    summary,
)
from ..export.export_options import ExportOptions
from ..export.output_formats import FORMATS, OutputFormat
from ..files import valid_text
from ..ocr.page_model import ReadDocument
from ..runtime.page_runner import unexpected
from ..temporary_folders import temporary_folder
from ..workspace.workspace import Workspace
from .conversion_report import ConversionReport, Failure
from .document_outputs import StandardOutput, WholeDocument, write_file
from .documents_on_demand import DocumentOnDemand
from .kept_workspaces import is_kept, open_kept
from .output_checks import check_outputs, check_room
from .output_names import NamedDocument, Target, plan_targets, unique_stems
from .page_chain import ReadingOptions
from .page_supply import PageInRun
from .reading_run import ReadingRun

#: With more documents than this, each is open only while it is worked on.
_MANY = 32


@dataclass(frozen=True)
class ConversionRequest:
    """What is to be converted, and how.

    Attributes:
        inputs: files, folders, patterns, or ``-``, as the user named them.
        formats: the formats to write, each once.
        output: see `plan_targets`.
        documents: how inputs are opened.
        reading: how pages are recognized.
        export: choices of the writers.
        labels: title, author, subject and keywords, as far as given.
        replace: whether existing outputs are replaced.
        workspace: the workspace to keep; ``None`` for a temporary one.
        resume: whether an earlier run in this workspace goes on.
        compare: ground truth to compare with, see `References`; ``None`` for none.
    """

    inputs: Sequence[str]
    formats: Sequence[OutputFormat]
    output: str = ""
    documents: DocumentOptions = field(default_factory=DocumentOptions)
    reading: ReadingOptions = field(default_factory=ReadingOptions)
    export: ExportOptions = field(default_factory=ExportOptions)
    labels: Mapping[str, Any] = field(default_factory=dict)
    replace: bool = False
    workspace: Path | None = None
    resume: bool = False
    compare: Path | None = None

    def settings(self) -> dict[str, Any]:
        """Return what must not change when a run is resumed, as values for JSON."""
        documents, reading = asdict(self.documents), asdict(self.reading)
        del documents["password"], reading["jobs"]
        return {
            "inputs": list(self.inputs),
            "formats": [known.name for known in self.formats],
            "output": self.output,
            "labels": dict(self.labels),
            "compare": str(self.compare or ""),
            **documents,
            **reading,
            **_values(self.export),
        }


@dataclass(frozen=True)
class ConversionListener:
    """Functions that are told about a conversion while it goes on.

    Attributes:
        progress: the number of pages done, and of all pages.
        note: a sentence for the user.
        finished: the name of a document, and the names of the files written for it.
        aside: gives a context for writing to standard output, which may be the terminal.
    """

    progress: Callable[[int, int], None] = lambda done, total: None
    note: Callable[[str], None] = lambda text: None
    finished: Callable[[str, Sequence[str]], None] = lambda name, outputs: None
    aside: Callable[[], contextlib.AbstractContextManager[Any]] = contextlib.nullcontext


def convert(
    request: ConversionRequest, listener: ConversionListener | None = None
) -> ConversionReport:
    """Convert documents; what cannot be read does not stop the others.

    Raises:
        UsageError: the request makes no sense.
        OutputExistsError: an output exists, or the workspace is that of another conversion;
            nothing has been done then.
        StorageError, OSError: outputs cannot be written.
        MissingExtraError: an optional library is missing.
        OcrdRapidError: a model is missing or of no use.
    """
    began = time.perf_counter()
    if request.resume and request.workspace is None:
        raise UsageError("--resume needs --workspace, the folder that keeps what is finished")
    for known in request.formats:
        known.require()
    sources = find_documents(request.inputs, request.documents)
    listener = listener or ConversionListener()
    if hint := _hint_of_output(request, sources):
        listener.note(hint)
    with contextlib.ExitStack() as stack:
        conversion = _Conversion(request, listener, sources)
        conversion.open(stack)
        conversion.check()
        if conversion.opened:
            scratch = stack.enter_context(temporary_folder())
            conversion.read(scratch)
        return conversion.report(time.perf_counter() - began)


class _Conversion:
    """A conversion on its way."""

    def __init__(
        self,
        request: ConversionRequest,
        listener: ConversionListener,
        sources: Sequence[DocumentSource],
    ) -> None:
        self._request = request
        self._listener = listener
        self._sources = sources
        #: The documents that could be opened, by the index of their source.
        self.opened: dict[int, Document] = {}
        self._targets: list[list[Target]] = []
        self._failures: dict[int, list[Failure]] = {}
        self._failed: set[int] = set()
        self._page_errors: dict[int, dict[int, str]] = {}
        self._page_notes: dict[int, Counter[str]] = {}
        self._outputs: list[str] = []
        self._left: dict[int, int] = {}
        self._stdout = StandardOutput()
        self._references = None if request.compare is None else References(request.compare)
        self._compared: list[ComparedDocument] = []

    def open(self, stack: contextlib.ExitStack) -> None:
        """Open all documents, and have them closed at the end."""
        for index, source in enumerate(self._sources):
            try:
                document = self._opened(source)
            except OcrdRapidError as error:
                self._fail(index, error)
            except OSError as error:
                self._fail(index, InputError(f"{_input(source)}: {error.strerror or error}"))
            else:
                stack.callback(document.close)
                self.opened[index] = document
                self._left[index] = len(document.pages)

    def _opened(self, source: DocumentSource) -> Document:
        reopen = partial(open_document, source, self._request.documents)
        few = len(self._sources) <= _MANY
        return reopen() if few or source.standard_input else DocumentOnDemand(reopen)

    def check(self) -> None:
        """Decide on the outputs, and check them; see `plan_targets` and `output_checks`."""
        stems = unique_stems([(source.name, _full_name(source)) for source in self._sources])
        named = []
        for index, stem in enumerate(stems):
            document = self.opened.get(index)
            pages = () if document is None else tuple(page.number for page in document.pages)
            count = 0 if document is None else document.record.page_count
            named.append(NamedDocument(stem, pages, count))
        self._targets = plan_targets(self._request.output, self._request.formats, named)
        targets = [
            [target.path for target in found if target.path and index in self.opened]
            for index, found in enumerate(self._targets)
        ]
        inputs = [source.files for source in self._sources]
        workspace = self._request.workspace
        resumed = self._request.resume and workspace is not None and is_kept(workspace)
        may_replace = self._request.replace or resumed
        check_outputs(targets, inputs, replace=may_replace)
        needed = sum(_size(path) for index in self.opened for path in self._sources[index].files)
        check_room([path for found in targets for path in found], needed)

    def read(self, scratch: Path) -> None:
        """Read all pages, and write the outputs of every document after its last page."""
        self._tell_notes()
        request = self._request
        if request.workspace is None:
            workspace = Workspace.create(directory=scratch / "workspace")
        else:
            settings = request.settings()
            workspace = open_kept(request.workspace, settings, resume=request.resume)
        indices, documents = list(self.opened), list(self.opened.values())
        run = ReadingRun(
            workspace, documents, request.reading, scratch,
            kept=request.workspace is not None,
            shown=any(known.shows_pages and not known.keeps_pages for known in request.formats),
            layered=any(known.keeps_pages for known in request.formats),
        )  # fmt: skip
        by_document: dict[int, list[PageInRun]] = {index: [] for index in indices}
        for page in run.pages.values():
            by_document[indices[page.document]].append(page)

        def entered(page: PageInRun, error: OcrdRapidError | None) -> None:
            index = indices[page.document]
            self._take_page(index, page, error)
            self._left[index] -= 1
            if not self._left[index]:
                self._finish(index, by_document.pop(index), run)

        run.run(entered, resume=request.resume, progress=self._listener.progress)

    def _tell_notes(self) -> None:
        """Tell what the user should know about documents, once if it holds for several."""
        noted: dict[str, list[str]] = {}
        for index, document in self.opened.items():
            for note in document.notes:
                noted.setdefault(note, []).append(_input(self._sources[index]))
        for note, names in noted.items():
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            self._listener.note(f"{names[0]}{more}: {note}")

    def _take_page(self, index: int, page: PageInRun, error: OcrdRapidError | None) -> None:
        if error is None:
            notes = self._page_notes.setdefault(index, Counter())
            with contextlib.suppress(InputError):
                notes.update(page.page.notes())
            return
        self._fail(index, error, page)

    def _fail(self, index: int, error: OcrdRapidError, page: PageInRun | None = None) -> None:
        source = self._sources[index]
        message = valid_text(str(error))
        if page is not None and page.page.file not in source.files:  # a copy of standard input
            message = message.replace(str(page.page.file), _input(source))
        if page is None and Path(_input(source)).name not in message:
            message = f"{_input(source)}: {message}"
        code = ExitCode.INPUT if error.exit_code is ExitCode.FAILURE else error.exit_code
        number = None if page is None else page.page.number
        failure = Failure(_input(source), message, code, number)
        self._failures.setdefault(index, []).append(failure)
        if page is None:
            self._failed.add(index)
        else:
            self._page_errors.setdefault(index, {})[page.page.number] = message

    def _finish(self, index: int, pages: Sequence[PageInRun], run: ReadingRun) -> None:
        """Write the outputs of a document, and close it."""
        document = self.opened[index]
        errors = self._page_errors.get(index, {})
        if len(errors) == len(pages):
            self._failed.add(index)
        else:
            self._write_outputs(index, pages, run, errors)
        document.close()

    def _write_outputs(
        self, index: int, pages: Sequence[PageInRun], run: ReadingRun, errors: Mapping[int, str]
    ) -> None:
        for note, count in self._page_notes.pop(index, Counter()).items():
            plural = "" if count == 1 else "s"
            self._listener.note(f"{_input(self._sources[index])}: {count} page{plural} {note}")
        document, files = self.opened[index], self._sources[index].files
        record = self._record(document)
        whole = WholeDocument(record, pages, run, errors, self._options(record), files)
        written: list[str] = []
        try:
            self._compare(whole)
        except OcrdRapidError as error:
            self._fail(index, error)
        for target in self._targets[index]:
            try:
                if target.path is None:
                    with self._listener.aside():
                        self._stdout.write(whole, target)
                else:
                    written += map(str, self._write(index, whole, target, target.path))
            except OSError as error:  # if one file cannot be written, the others cannot either
                name = error.filename or target.path
                raise OSError(error.errno, error.strerror, name) from error
            except Exception as error:
                # One of many documents must not stop the others, whatever is wrong with it.
                known = isinstance(error, OcrdRapidError)
                what = error if known else unexpected(document.record.name, error)
                problem = OcrdRapidError(f"{target.format.name}: {what}")
                problem.exit_code = ExitCode.TOO_MANY_FAILURES
                self._fail(index, problem)
        self._outputs += written
        self._listener.finished(_input(self._sources[index]), written)

    def _write(self, index: int, whole: WholeDocument, target: Target, path: Path) -> list[Path]:
        found = write_file(whole, target, path)
        for beside in found[1:]:
            name = _input(self._sources[index])
            self._listener.note(f"{name}: {path} is large; its images are in {beside}")
        return found

    def _compare(self, whole: WholeDocument) -> None:
        """Compare a document with its reference, if one is given."""
        if self._references is None:
            return
        pages = whole.named_pages(whole.pages, Path())
        self._compared.append(compare_pages(whole.record, pages, self._references))

    def _options(self, record: ReadDocument) -> ExportOptions:
        if self._references is None:
            return self._request.export
        differences = partial(page_differences, record, self._references)
        return replace(self._request.export, differences=differences)

    def _record(self, document: Document) -> ReadDocument:
        languages = tuple(filter(None, self._request.reading.languages.split(",")))
        record = replace(document.record, **self._request.labels)
        return replace(record, languages=languages or record.languages)

    def report(self, seconds: float) -> ConversionReport:
        """Return what became of the conversion."""
        failures = [
            failure for index in sorted(self._failures) for failure in self._failures[index]
        ]
        return ConversionReport(
            documents=len(self._sources),
            failed_documents=len(self._failed),
            pages=sum(len(document.pages) for document in self.opened.values()),
            failed_pages=sum(len(errors) for errors in self._page_errors.values()),
            seconds=seconds,
            outputs=tuple(self._outputs),
            failures=tuple(failures),
            errors={} if self._references is None else as_data(self._compared, self._references),
            rates=summary(self._compared, self._references) if self._references else "",
        )


def _hint_of_output(request: ConversionRequest, sources: Sequence[DocumentSource]) -> str:
    """Return a hint for those whose last argument is an output, as with other programs."""
    if request.output or len(sources) < 2 or not sources[-1].problem:
        return ""
    name = request.inputs[-1]
    if Path(name).suffix.lower() not in {known.suffix for known in FORMATS.values()}:
        return ""
    return f"{sources[-1].problem}; if it is to be written, put -o before it: -o {name}"


def _input(source: DocumentSource) -> str:
    """Return the name of a document for messages: its file, or its name."""
    if source.standard_input and len(source.files) == 1:
        return "standard input"
    return str(source.files[0]) if len(source.files) == 1 else source.name


def _values(options: ExportOptions) -> dict[str, Any]:
    """Return the choices of writers that are values for JSON."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(options).items()
        if not callable(value)
    }


def _full_name(source: DocumentSource) -> str:
    single = len(source.files) == 1 and source.files[0] != STANDARD_INPUT
    return source.files[0].name if single else source.name


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
