# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The interface for programs: HTTP and JSON over a book; ``docs/correct-api.md`` describes it."""

from __future__ import annotations

import errno
import json
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib import resources
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from ..errors import InputError, OcrdRapidError, OutputExistsError
from ..version import __version__
from .book_jobs import BookJobs, BusyError
from .event_stream import EventStream
from .line_choice import LineOrder
from .open_book import (
    LONGEST_TEXT,
    LineConflictError,
    LineMissingError,
    OpenBook,
    SavedLine,
    TextTooLongError,
    seen,
)
from .page_view import LineView
from .replacing import Replacement, preview
from .structure_changes import StructureChanges, StructureRequest
from .user_settings import read_settings, settings_from, write_settings

LOG = logging.getLogger(__name__)

#: Most lines of an answer, and of one request to replace.
_MOST_LINES = 2000

_FULL = {errno.ENOSPC, errno.EDQUOT}

#: The files of the interface for people, where they are in the package, and their kinds.
_KINDS = {
    ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8", ".json": "application/json",
}  # fmt: skip


@dataclass(frozen=True)
class _Question:
    """A request, as plain data.

    Attributes:
        query: the values in its address.
        body: what its JSON says; empty if it has none.
    """

    query: Mapping[str, str]
    body: Mapping[str, Any]

    def text(self, name: str) -> str:
        """Return a text of the body.

        Raises:
            InputError: there is none.
        """
        value = self.body.get(name)
        if not isinstance(value, str):
            raise InputError(f"{name}: a text is missing")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """Return a truth value of the body."""
        value = self.body.get(name, default)
        if not isinstance(value, bool):
            raise InputError(f"{name}: true or false")
        return value

    def number(self, name: str, default: int, most: int) -> int:
        """Return a number of the address."""
        value = self.query.get(name, str(default))
        if not value.isascii() or not value.isdecimal() or len(value) > 9:
            raise InputError(f"{name}: a number is wanted")
        return min(int(value), most)


class CorrectionApi:
    """Answers requests about a book."""

    def __init__(self, book: OpenBook, jobs: BookJobs, events: EventStream) -> None:
        """Take the book, its jobs, and the events that browsers watch."""
        self._book, self._jobs, self._events = book, jobs, events
        self._session = secrets.token_hex(4)
        self._structure = StructureChanges(book)
        self._files = dict(_web_files())

    def application(self) -> Starlette:
        """Return the application."""
        ask, change = ("GET",), ("POST",)
        return Starlette(
            routes=[
                Route("/", self._page_of_interface),
                Route("/favicon.ico", _nothing),
                Route("/web/{name:path}", self._file),
                Route("/api/events", self._watch),
                Route("/api/picture", self._picture),
                _route("/api/book", self._about, ask),
                _route("/api/pages", lambda _: {"pages": self._book.summaries()}, ask),
                _route("/api/page", lambda q: self._book.page(q.query.get("page", "")), ask),
                _route("/api/lines", self._next_lines, ask),
                _route("/api/line", self._line, ask),
                _route("/api/line", self._save, ("PUT",)),
                _route("/api/progress", lambda _: asdict(self._book.progress()), ask),
                _route("/api/replace/preview", self._preview, change),
                _route("/api/replace", self._replace, change),
                _route("/api/structure", self._restructure, change),
                _route("/api/structure/undo", self._undo_structure, change),
                _route("/api/jobs", lambda _: self._jobs.status, ask),
                _route("/api/jobs/teach", self._teach, change),
                _route("/api/jobs/read", self._read_on, change),
                _route("/api/jobs/read-line", self._read_line, change),
                _route("/api/jobs/stop", self._stop, change),
                _route("/api/readings/undo", self._undo_reading, change),
                _route("/api/readings/changes", self._changes, ask),
                _route("/api/head/keep", self._keep, change),
                _route("/api/settings", lambda _: asdict(read_settings()), ask),
                _route("/api/settings", self._set, ("PUT",)),
            ]
        )

    # Files of the interface for people

    async def _page_of_interface(self, request: Request) -> Response:
        return Response(self._files["index.html"], media_type=_KINDS[".html"])

    async def _file(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self._files:
            return _answer({"error": "there is no such file"}, 404)
        kind = _KINDS[name[name.rindex(".") :]]
        return Response(self._files[name], media_type=kind)

    async def _watch(self, request: Request) -> Response:
        return StreamingResponse(self._events.watch(), media_type="text/event-stream")

    async def _picture(self, request: Request) -> Response:
        page, line = (request.query_params.get(name, "") for name in ("page", "line"))

        def get() -> bytes:
            pictures = self._book.pictures(page)
            if not line:
                return pictures.page
            if line not in pictures.lines:
                raise LineMissingError(f"there is no line {line[:80]!r}")
            return pictures.lines[line]

        try:
            jpeg = await run_in_threadpool(get)
        except (OcrdRapidError, OSError) as error:
            return _refusal(error)
        kept = {"cache-control": "private, max-age=3600"}  # addresses have the session
        return Response(jpeg, media_type="image/jpeg", headers=kept)

    # Questions

    def _about(self, question: _Question) -> dict[str, Any]:
        choice = self._book.working.choice
        return {
            "name": choice.mets.parent.name,
            "group": choice.group,
            "output": choice.output,
            "pages": len(self._book.working.pages),
            "session": self._session,
            "longestText": LONGEST_TEXT,
            "software": f"ocrd-rapid {__version__}",
        }

    def _next_lines(self, question: _Question) -> dict[str, Any]:
        named = question.query.get("order", "")
        if named and named not in [order.value for order in LineOrder]:
            raise InputError(f"order: one of {', '.join(order.value for order in LineOrder)}")
        count = question.number("count", 40, _MOST_LINES)
        order, lines = self._book.next_lines(LineOrder(named) if named else None, count)
        return {
            "order": order.value,
            "whole": self._book.index.is_whole,
            "lines": [seen(line) for line in lines],
        }

    def _line(self, question: _Question) -> Mapping[str, Any]:
        return self._book.line(question.query.get("page", ""), question.query.get("line", ""))

    def _save(self, question: _Question) -> dict[str, Any]:
        page = question.text("page")
        name, text, state, base = map(question.text, ("line", "text", "state", "base"))
        line = SavedLine(name, text, state, base, question.flag("confirmed", True))
        [saved] = self._book.save(page, [line])
        self._tell_of(saved, question)
        return {"line": saved}

    def _tell_of(self, line: LineView, question: _Question) -> None:
        """Tell all who watch that a line has changed, and by whom."""
        client = str(question.body.get("client", ""))[:40]
        content = {"page": line["page"], "line": line["id"], "base": line["base"]}
        self._events.publish("line", {**content, "client": client})

    def _preview(self, question: _Question) -> dict[str, Any]:
        wanted = Replacement(
            question.text("search"), question.text("replace"), question.flag("wholeWords"),
            question.flag("sameCase", True), question.flag("corrected"),
        )  # fmt: skip
        found, total = preview(self._book.index.lines(), wanted)
        rows = [{**seen(each.line), "after": each.after, "count": each.count} for each in found]
        return {"lines": rows, "total": total, "whole": self._book.index.is_whole}

    def _replace(self, question: _Question) -> dict[str, Any]:
        rows = question.body.get("lines")
        if not isinstance(rows, list) or not 0 < len(rows) <= _MOST_LINES:
            raise InputError(f"lines: between 1 and {_MOST_LINES} of them")
        of_page: dict[str, list[SavedLine]] = {}
        for row in rows:
            if not isinstance(row, dict):
                raise InputError("lines: each has page, line, text and base")
            given = _Question({}, row)
            texts = given.text("line"), given.text("text"), "corrected", given.text("base")
            of_page.setdefault(given.text("page"), []).append(SavedLine(*texts))
        saved: list[LineView] = []
        problems = []
        for page, lines in of_page.items():
            try:
                saved += self._book.save(page, lines)
            except OcrdRapidError as error:
                problems.append({"page": page, "error": str(error)})
        for each in saved:
            self._tell_of(each, question)
        return {"lines": saved, "problems": problems}

    def _restructure(self, question: _Question) -> dict[str, Any]:
        points = question.body.get("baseline", [])
        words = question.body.get("words", 0)
        if not isinstance(words, int) or not _are_points(points):
            raise InputError("words: a number; baseline: pairs of numbers")
        texts = (str(question.body.get(name, "")) for name in ("line", "base", "kind", "target"))
        line, base, kind, target = texts
        wanted = StructureRequest(
            question.text("page"), question.text("action"), line, base, words,
            tuple((float(x), float(y)) for x, y in points), kind, target,
        )  # fmt: skip
        page, token = self._structure.change(wanted)
        return {"page": page, "undo": token}

    def _undo_structure(self, question: _Question) -> dict[str, Any]:
        page, token = self._structure.undo(question.text("undo"))
        return {"page": page, "undo": token}

    # Jobs

    def _teach(self, question: _Question) -> dict[str, Any]:
        self._jobs.teach()
        return self._jobs.status

    def _read_on(self, question: _Question) -> dict[str, Any]:
        pages = question.body.get("pages", [])
        if not isinstance(pages, list) or not all(isinstance(page, str) for page in pages):
            raise InputError("pages: a list of pages")
        self._jobs.read_on(pages)
        return self._jobs.status

    def _read_line(self, question: _Question) -> dict[str, Any]:
        self._jobs.read_line(question.text("page"), question.text("line"))
        return self._jobs.status

    def _stop(self, question: _Question) -> dict[str, Any]:
        self._jobs.stop()
        return self._jobs.status

    def _undo_reading(self, question: _Question) -> dict[str, Any]:
        record = self._jobs.undo_reading()
        self._events.publish("job", {"kind": "undo", "result": {"number": record.number}})
        return self._jobs.status

    def _changes(self, question: _Question) -> dict[str, Any]:
        return {"lines": self._jobs.changes(question.number("number", 0, 10**9))}

    def _keep(self, question: _Question) -> dict[str, Any]:
        path = self._jobs.keep_head(question.text("name"), overwrite=question.flag("overwrite"))
        return {"path": str(path)}

    def _set(self, question: _Question) -> dict[str, Any]:
        settings = settings_from(question.body)
        write_settings(settings)
        return asdict(settings)


def _route(
    path: str, answer: Callable[[_Question], Mapping[str, Any]], methods: tuple[str, ...]
) -> Route:
    """Return a route whose function runs in a thread, with JSON on both sides."""

    async def endpoint(request: Request) -> Response:
        try:
            question = _Question(request.query_params, await _body(request))
            return _answer(await run_in_threadpool(answer, question))
        except (OcrdRapidError, OSError) as error:
            return _refusal(error)

    return Route(path, endpoint, methods=list(methods))


async def _body(request: Request) -> Mapping[str, Any]:
    if request.method == "GET":
        return {}
    data = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind != "application/json":
        raise InputError("the body is JSON, with Content-Type application/json")
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InputError(f"the body is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise InputError("the body is an object of JSON")
    return value


def _are_points(value: Any) -> bool:
    """Return whether a value is a short list of pairs of numbers."""
    return (
        isinstance(value, list)
        and len(value) <= 100
        and all(isinstance(pair, list) and len(pair) == 2 for pair in value)
        and all(isinstance(x, (int, float)) and abs(x) < 1e6 for pair in value for x in pair)
    )


def _answer(content: Mapping[str, Any], status: int = 200) -> Response:
    data = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(data.encode("utf-8", "replace"), status, media_type="application/json")


def _refusal(error: OcrdRapidError | OSError) -> Response:
    """Return the answer for an error, with the state that HTTP has for it."""
    if isinstance(error, LineConflictError):
        return _answer({"error": str(error), "line": error.line}, 409)
    if isinstance(error, OcrdRapidError):
        states: list[tuple[type[OcrdRapidError], int]] = [
            (LineMissingError, 404), (BusyError, 409), (OutputExistsError, 409),
            (TextTooLongError, 413), (InputError, 422),
        ]  # fmt: skip
        status = next((status for kind, status in states if isinstance(error, kind)), 500)
        return _answer({"error": str(error)}, status)
    LOG.error("not saved: %s", error)
    said = f"{error.strerror or error}; nothing was saved"
    return _answer({"error": said}, 507 if error.errno in _FULL else 500)


async def _nothing(request: Request) -> Response:
    """Answer browsers that ask for what there is not, without an error in their console."""
    return Response(status_code=204)


def _web_files() -> list[tuple[str, bytes]]:
    """Return the names and contents of the files of the interface for people."""
    web = resources.files(__package__) / "web"
    found = [each for each in web.iterdir() if each.is_file()]
    named = [(each.name, each) for each in found]
    named += [(f"languages/{each.name}", each) for each in (web / "languages").iterdir()]
    shared = resources.files("ocrd_rapid.export")
    named += [(name, shared / name) for name in ("line_editor.js", "line_editor.css")]
    return [(name, each.read_bytes()) for name, each in named if name[name.rfind(".") :] in _KINDS]
