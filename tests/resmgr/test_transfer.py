# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What is done with each response, and whether interrupted downloads go on where they ended."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import scripted_server as http
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.errors import DownloadError, IntegrityError, StorageError
from ocrd_rapid.resmgr.sources import no_progress
from ocrd_rapid.transfer import fetching, partial_files, responses
from ocrd_rapid.transfer.partial_files import Partial
from ocrd_rapid.transfer.responses import NextStep, Verdict

Answer = http.Answer

CONTENT = bytes(range(256)) * 8 * 1024  # 2 MiB
HALF = 1 << 20
STRONG = {"ETag": '"one"'}


def rest_from(start: int, total: int | str = len(CONTENT), **headers: str) -> Any:
    given = {"Content-Range": f"bytes {start}-{len(CONTENT) - 1}/{total}", **STRONG, **headers}
    return Answer(206, given, CONTENT[start:])


class Fetch:
    """Downloads to one place, with a record of waits and progress."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.target = directory / "target"
        self.parts = directory / "parts"
        self.waits: list[float] = []
        self.progress: list[tuple[int, int]] = []

    def __call__(self, url: str, parts: Path | None = None) -> bytes:
        fetching.download(
            url,
            self.target,
            lambda done, total: self.progress.append((done, total)),
            parts=parts,
            sleep=self.waits.append,
        )
        return self.target.read_bytes()

    @property
    def kept(self) -> list[Path]:
        """The files that are kept, without their notes."""
        return [path for path in self.parts.iterdir() if path.suffix != ".json"]


@pytest.fixture
def fetch(tmp_path: Path) -> Fetch:
    directory = tmp_path / "fetch"
    directory.mkdir()
    return Fetch(directory)


Serve = Callable[..., Any]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Return a function that starts a server which gives certain answers in turn."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with ExitStack() as stack:

        def start(*answers: Any, respond: Any = None) -> Any:
            return stack.enter_context(http.serving(respond or http.in_turn(*answers)))

        yield start


# --- what a response means


@pytest.mark.parametrize(
    ("status", "headers", "size", "expected"),
    [
        (200, {"Content-Length": "10"}, 0, Verdict(NextStep.WRITE_ANEW, 10, 10)),
        (200, {"Content-Length": "10"}, 5, Verdict(NextStep.WRITE_ANEW, 10, 10)),
        (200, {"Content-Length": "10, 10"}, 5, Verdict(NextStep.WRITE_ANEW, 10, 10)),
        (200, {}, 5, Verdict(NextStep.WRITE_ANEW, 0, 0)),
        (200, {"Content-Length": "ten", "Transfer-Encoding": "chunked"}, 0,
         Verdict(NextStep.WRITE_ANEW, 0, 0)),
        (206, {"Content-Range": "bytes 5-9/10"}, 5, Verdict(NextStep.APPEND, 10, 10)),
        (206, {"Content-Range": "bytes 5-7/10"}, 5, Verdict(NextStep.APPEND, 10, 8)),
        (206, {"Content-Range": "bytes 5-9/*"}, 5, Verdict(NextStep.APPEND, 0, 10)),
        (206, {"Content-Range": "bytes 0-9/10"}, 0, Verdict(NextStep.APPEND, 10, 10)),
        (206, {"Content-Range": "bytes 5-9/8"}, 5, Verdict(NextStep.ASK_ANEW)),
        (206, {"Content-Range": "bytes 5-3/10"}, 5, Verdict(NextStep.ASK_ANEW)),
        (206, {"Content-Range": "bytes 4-9/10"}, 5, Verdict(NextStep.ASK_ANEW)),
        (206, {"Content-Range": "bytes 0-9/10"}, 5, Verdict(NextStep.ASK_ANEW)),
        (206, {"Content-Range": "bytes */10"}, 5, Verdict(NextStep.ASK_ANEW)),
        (206, {"Content-Range": "lines 5-9/10"}, 5, Verdict(NextStep.ASK_ANEW)),
        (206, {}, 5, Verdict(NextStep.ASK_ANEW)),
        (416, {"Content-Range": "bytes */10"}, 10, Verdict(NextStep.COMPLETE, 10)),
        (416, {"Content-Range": "bytes */9"}, 10, Verdict(NextStep.ASK_ANEW)),
        (416, {"Content-Range": "bytes */*"}, 10, Verdict(NextStep.ASK_ANEW)),
        (416, {}, 10, Verdict(NextStep.ASK_ANEW)),
        (416, {"Content-Range": "bytes */0"}, 0, Verdict(NextStep.GIVE_UP)),
        (416, {}, 0, Verdict(NextStep.GIVE_UP)),
    ],
)  # fmt: skip
def test_a_response_is_believed_word_by_word(
    status: int, headers: dict[str, str], size: int, expected: Verdict
) -> None:
    assert responses.interpret(status, headers, Partial(size, '"one"')) == expected


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_passing_errors_are_tried_again(status: int) -> None:
    assert responses.interpret(status, {}, Partial()).step is NextStep.TRY_AGAIN


@pytest.mark.parametrize("status", [204, 304, 400, 401, 403, 404, 410, 451, 501, 505])
def test_lasting_errors_are_not_tried_again(status: int) -> None:
    assert responses.interpret(status, {}, Partial()).step is NextStep.GIVE_UP


@given(st.integers(0, 10**15), st.integers(0, 10**15), st.integers(1, 10**15))
def test_only_a_range_that_begins_where_we_ended_is_appended(
    size: int, start: int, length: int
) -> None:
    headers = {"Content-Range": f"bytes {start}-{start + length - 1}/{start + length}"}
    for first in (start, size):
        verdict = responses.interpret(206, headers, Partial(first, '"one"'))
        assert (verdict.step is NextStep.APPEND) == (first == start)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("bytes 5-9/10", (5, 10, 10)),
        (" bytes 0-0/1 ", (0, 1, 1)),
        ("bytes 5-9/*", (5, 10, 0)),
        ("bytes */10", (None, 0, 10)),
        ("bytes */*", (None, 0, 0)),
        ("", (None, 0, 0)),
        ("bytes", (None, 0, 0)),
        ("bytes 5-/10", (None, 0, 0)),
        ("bytes -5/10", (None, 0, 0)),
        ("bytes=5-9/10", (None, 0, 0)),
        ("bytes 5-9/10, 11-12/13", (None, 0, 0)),
        ("bytes 5-9/-10", (None, 0, 0)),
        ("bytes 5-9999999999999999999/*", (None, 0, 0)),
    ],
)
def test_parts_of_a_content_range(value: str, expected: tuple[int | None, int, int]) -> None:
    assert responses.parse_content_range(value) == expected


_latin = st.text(st.characters(max_codepoint=255))


@given(_latin)
def test_no_content_range_raises(value: str) -> None:
    start, end, total = responses.parse_content_range(value)
    assert total >= 0 <= end
    assert start is None or start >= 0


@pytest.mark.parametrize(
    ("status", "value"),
    [
        pytest.param(206, "9" * 5000, id="206-long"),
        pytest.param(416, "9" * 5000, id="416-long"),
        (206, "²"),
        (416, "²"),
    ],
)
def test_numbers_that_are_none_are_unknown(status: int, value: str) -> None:
    headers = {"Content-Range": f"bytes 5-9/{value}"}
    assert responses.interpret(status, headers, Partial(5, '"one"')).total == 0


@pytest.mark.parametrize(
    "value", ["-1", "1e30", "ten", "²", "", "5, 6", pytest.param("9" * 5000, id="long")]
)
def test_an_impossible_size_is_given_up(value: str) -> None:
    verdict = responses.interpret(200, {"Content-Length": value}, Partial())
    assert verdict.step is NextStep.GIVE_UP
    assert verdict.reason == f"the server announces an impossible size: {value[:40]}"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"ETag": '"a"'}, '"a"'),
        ({"ETag": '"a"', "Last-Modified": "Mon"}, '"a"'),
        ({"ETag": 'W/"a"', "Last-Modified": "Mon"}, "Mon"),
        ({"ETag": 'W/"a"'}, ""),
        ({"Last-Modified": "Mon"}, "Mon"),
        ({}, ""),
    ],
)
def test_only_a_strong_validator_is_used(headers: dict[str, str], expected: str) -> None:
    assert responses.validator_of(headers) == expected


@pytest.mark.parametrize(
    ("partial", "expected"),
    [
        (Partial(), {}),
        (Partial(5), {}),
        (Partial(0, '"a"'), {}),
        (Partial(5, '"a"'), {"Range": "bytes=5-", "If-Range": '"a"'}),
    ],
)
def test_the_rest_is_asked_for_only_with_a_validator(
    partial: Partial, expected: dict[str, str]
) -> None:
    assert partial.request_headers() == {"Accept-Encoding": "identity", **expected}


@given(st.integers(0, 100))
def test_the_wait_doubles_up_to_a_limit(attempt: int) -> None:
    full = min(0.5 * 2**attempt, 30.0)
    assert full / 2 <= responses.delay_before(attempt) <= full


@pytest.mark.parametrize(("said", "expected"), [("0", 0.0), ("7", 7.0), ("86400", 30.0)])
def test_the_server_may_say_how_long_to_wait(said: str, expected: float) -> None:
    assert responses.delay_before(1, said) == expected


@pytest.mark.parametrize(
    "said",
    [None, "", "Wed, 21 Oct 2015 07:28:00 GMT", "-3", "1.5", "²"],
)
def test_what_is_no_number_of_seconds_is_not_obeyed(said: str | None) -> None:
    assert 0.5 <= responses.delay_before(1, said) <= 1.0


# --- against a server


def test_a_file_that_comes_whole(serve: Serve, fetch: Fetch) -> None:
    server = serve(Answer(200, STRONG, CONTENT))
    assert fetch(server.url) == CONTENT
    assert server.ranges == [None]
    assert fetch.waits == []
    assert list(fetch.directory.iterdir()) == [fetch.target]


def test_an_empty_file(serve: Serve, fetch: Fetch) -> None:
    assert fetch(serve(Answer(200, STRONG)).url, fetch.parts) == b""
    assert list(fetch.parts.iterdir()) == []


def test_every_request_says_who_we_are_and_wants_no_compression(serve: Serve, fetch: Fetch) -> None:
    server = serve(Answer(200, STRONG, CONTENT, sent=HALF), rest_from(HALF))
    fetch(server.url)
    assert len(server.requests) == 2
    for headers in server.requests:
        assert headers["Accept-Encoding"] == "identity"
        assert headers["User-Agent"].startswith("ocrd-rapid/")


def test_progress_grows_to_the_whole(serve: Serve, fetch: Fetch) -> None:
    fetch(serve(Answer(200, STRONG, CONTENT)).url)
    done = [number for number, _ in fetch.progress]
    assert done == sorted(set(done))
    assert fetch.progress[-1] == (len(CONTENT), len(CONTENT))
    assert {total for _, total in fetch.progress} == {len(CONTENT)}


def test_the_rest_of_a_truncated_file_is_fetched(serve: Serve, fetch: Fetch) -> None:
    server = serve(Answer(200, STRONG, CONTENT, sent=HALF), rest_from(HALF))
    assert fetch(server.url) == CONTENT
    assert server.ranges == [None, f"bytes={HALF}-"]
    assert server.requests[1]["If-Range"] == '"one"'
    assert fetch.progress[-1] == (len(CONTENT), len(CONTENT))


def test_progress_goes_on_where_it_ended(serve: Serve, fetch: Fetch) -> None:
    fetch(serve(Answer(200, STRONG, CONTENT, sent=HALF), rest_from(HALF)).url)
    done = [number for number, _ in fetch.progress]
    assert done == sorted(set(done))


@pytest.mark.parametrize("sent", [1, 1000, 300_000])
def test_no_byte_that_arrived_is_asked_for_again(serve: Serve, fetch: Fetch, sent: int) -> None:
    server = serve(Answer(200, STRONG, CONTENT, sent=sent), rest_from(sent))
    assert fetch(server.url) == CONTENT
    assert server.ranges == [None, f"bytes={sent}-"]


def test_a_connection_that_is_reset_is_resumed(serve: Serve, fetch: Fetch) -> None:
    respond = http.a_file(CONTENT)
    first = iter([Answer(200, STRONG, CONTENT, sent=HALF, reset=True)])
    server = serve(respond=lambda headers: next(first, None) or respond(headers))
    assert fetch(server.url) == CONTENT
    assert len(server.requests) == 2
    start = int((server.ranges[1] or "bytes=0-").removeprefix("bytes=").removesuffix("-"))
    assert 0 < start <= HALF


def test_a_server_without_ranges_sends_all_again(serve: Serve, fetch: Fetch) -> None:
    server = serve(Answer(200, STRONG, CONTENT, sent=HALF), Answer(200, STRONG, CONTENT))
    assert fetch(server.url) == CONTENT
    assert server.ranges == [None, f"bytes={HALF}-"]


def test_a_range_at_the_wrong_place_is_not_appended(serve: Serve, fetch: Fetch) -> None:
    server = serve(
        Answer(200, STRONG, CONTENT, sent=HALF), rest_from(HALF - 1), Answer(200, STRONG, CONTENT)
    )
    assert fetch(server.url) == CONTENT
    assert server.ranges == [None, f"bytes={HALF}-", None]


def test_a_file_that_changed_meanwhile_is_fetched_anew(serve: Serve, fetch: Fetch) -> None:
    new = CONTENT[::-1]
    answers = iter([Answer(200, STRONG, CONTENT, sent=HALF)])
    changed = http.a_file(new, etag='"two"')
    server = serve(respond=lambda headers: next(answers, None) or changed(headers))
    assert fetch(server.url) == new
    assert server.ranges == [None, f"bytes={HALF}-"]


def test_after_a_change_the_new_validator_counts(serve: Serve, fetch: Fetch) -> None:
    two = {"ETag": '"two"'}
    server = serve(
        Answer(200, STRONG, CONTENT, sent=HALF),
        Answer(200, two, CONTENT, sent=HALF + HALF // 2),
        rest_from(HALF + HALF // 2, **two),
    )
    assert fetch(server.url) == CONTENT
    assert [r.get("If-Range") for r in server.requests] == [None, '"one"', '"two"']


def test_a_range_of_another_version_is_not_appended(serve: Serve, fetch: Fetch) -> None:
    """A server that does not know If-Range sends the rest of what the file is now."""
    new, two = CONTENT[::-1], {"ETag": '"two"'}
    place = {"Content-Range": f"bytes {HALF}-{len(new) - 1}/{len(new)}"}
    server = serve(
        Answer(200, STRONG, CONTENT, sent=HALF),
        Answer(206, place | two, new[HALF:]),
        Answer(200, two, new),
    )
    assert fetch(server.url) == new


def test_a_weak_etag_does_not_resume(serve: Serve, fetch: Fetch) -> None:
    weak = {"ETag": 'W/"one"'}
    server = serve(Answer(200, weak, CONTENT, sent=HALF), Answer(200, weak, CONTENT))
    assert fetch(server.url) == CONTENT
    assert server.ranges == [None, None]


def test_the_date_of_change_resumes(serve: Serve, fetch: Fetch) -> None:
    dated = {"Last-Modified": "Wed, 21 Oct 2015 07:28:00 GMT"}
    server = serve(Answer(200, dated, CONTENT, sent=HALF), rest_from(HALF, **dated))
    assert fetch(server.url) == CONTENT
    assert server.requests[1]["If-Range"] == dated["Last-Modified"]


def test_a_file_of_unknown_size_ends_with_the_connection(serve: Serve, fetch: Fetch) -> None:
    assert fetch(serve(Answer(200, {}, CONTENT, sized=False)).url) == CONTENT
    assert fetch.progress[-1] == (len(CONTENT), 0)


def test_what_the_server_compressed_unasked_is_kept_as_it_came(serve: Serve, fetch: Fetch) -> None:
    """Apache may say ``Content-Encoding: gzip`` of every archive.tar.gz: the hash is of that."""
    import gzip

    packed = gzip.compress(b"model" * 1000)
    server = serve(*[Answer(200, {"Content-Encoding": "gzip"}, packed)] * 5)
    assert fetch(server.url) == packed
    assert len(server.requests) == 1


def chunked(*chunks: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)


def test_a_file_in_chunks(serve: Serve, fetch: Fetch) -> None:
    body = chunked(CONTENT[:1000], CONTENT[1000:], b"")
    server = serve(Answer(200, {"Transfer-Encoding": "chunked"}, body, sized=False))
    assert fetch(server.url) == CONTENT


def test_chunks_that_break_off_are_noticed(serve: Serve, fetch: Fetch) -> None:
    headers = {"Transfer-Encoding": "chunked", **STRONG}
    for end in (chunked(CONTENT[:1000]), chunked(CONTENT[:1500])[:-502]):
        server = serve(Answer(200, headers, end, sized=False), rest_from(1000))
        assert fetch(server.url) == CONTENT
        assert server.ranges == [None, "bytes=1000-"]


def test_503_is_tried_again_after_the_time_it_names(serve: Serve, fetch: Fetch) -> None:
    server = serve(Answer(503, {"Retry-After": "7"}), Answer(200, STRONG, CONTENT))
    assert fetch(server.url) == CONTENT
    assert fetch.waits == [7.0]


def test_waits_grow_while_nothing_comes(serve: Serve, fetch: Fetch) -> None:
    fetch(serve(*[Answer(500)] * 4, Answer(200, STRONG, CONTENT)).url)
    assert len(fetch.waits) == 4
    for number, wait in enumerate(fetch.waits, start=1):
        assert 0.25 * 2**number <= wait <= 0.5 * 2**number


def test_no_wait_while_bytes_come(serve: Serve, fetch: Fetch) -> None:
    fetch(serve(Answer(200, STRONG, CONTENT, sent=HALF), rest_from(HALF)).url)
    assert fetch.waits == [0.0]


@pytest.mark.parametrize(("status", "reason"), [(403, "403 Forbidden"), (404, "404 Not Found")])
def test_refusals_are_final(serve: Serve, fetch: Fetch, status: int, reason: str) -> None:
    server = serve(Answer(status), Answer(200, STRONG, CONTENT))
    with pytest.raises(DownloadError, match=reason):
        fetch(server.url)
    assert len(server.requests) == 1
    assert fetch.waits == []
    assert list(fetch.directory.iterdir()) == []


def test_it_gives_up_when_nothing_comes(serve: Serve, fetch: Fetch) -> None:
    server = serve(*[Answer(503)] * 20)
    with pytest.raises(DownloadError, match="503"):
        fetch(server.url)
    assert len(server.requests) == fetching.ATTEMPTS
    assert len(fetch.waits) == fetching.ATTEMPTS - 1


def test_attempts_that_bring_bytes_are_not_counted(serve: Serve, fetch: Fetch) -> None:
    step = fetching._CHUNK
    pieces = []
    for start in range(step, len(CONTENT), step):
        whole = rest_from(start)
        pieces.append(Answer(206, whole.headers, whole.body, sent=step))
    server = serve(Answer(200, STRONG, CONTENT, sent=step), *pieces)
    assert fetch(server.url) == CONTENT
    assert len(server.requests) == len(CONTENT) // step > fetching.ATTEMPTS


def test_bytes_in_between_start_the_count_anew(serve: Serve, fetch: Fetch) -> None:
    fails = [Answer(503)] * (fetching.ATTEMPTS - 1)
    server = serve(*fails, Answer(200, STRONG, CONTENT, sent=HALF), *fails, rest_from(HALF))
    assert fetch(server.url) == CONTENT


@pytest.mark.parametrize(
    "sizes",
    [
        (HALF, HALF),
        (HALF, HALF + fetching._CHUNK),
    ],
)
def test_getting_the_same_bytes_again_is_no_progress(
    serve: Serve, fetch: Fetch, sizes: tuple[int, int]
) -> None:
    """A server without ranges that always breaks off, now earlier and now later."""
    server = serve(*[Answer(200, {}, CONTENT, sent=size) for _ in range(20) for size in sizes])
    with pytest.raises(DownloadError, match=r"broken|resume"):
        fetch(server.url)
    assert len(server.requests) <= 3 * fetching.ATTEMPTS


def test_a_server_that_gets_ranges_wrong_and_breaks_off_is_given_up(
    serve: Serve, fetch: Fetch
) -> None:
    broken = Answer(200, STRONG, CONTENT, sent=HALF)
    server = serve(*[broken, rest_from(HALF - 1)] * 20)
    with pytest.raises(DownloadError, match=r"broken|resume"):
        fetch(server.url)
    assert len(server.requests) <= 3 * fetching.ATTEMPTS


def test_416_of_a_complete_file_completes_it(serve: Serve, fetch: Fetch) -> None:
    server = serve(respond=http.a_file(CONTENT))
    keep(fetch, CONTENT, '"one"', server.url)
    assert fetch(server.url, fetch.parts) == CONTENT
    assert server.ranges == [f"bytes={len(CONTENT)}-"]


def test_416_of_an_incomplete_file_begins_anew(serve: Serve, fetch: Fetch) -> None:
    refusal = Answer(416, {"Content-Range": f"bytes */{len(CONTENT)}"})
    server = serve(Answer(200, STRONG, CONTENT, sent=HALF), refusal, Answer(200, STRONG, CONTENT))
    assert fetch(server.url) == CONTENT
    assert server.ranges == [None, f"bytes={HALF}-", None]


def test_a_port_where_nobody_listens_is_final(fetch: Fetch) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(DownloadError, match="refused"):
            fetch(f"http://127.0.0.1:{bound.getsockname()[1]}/x")
    assert fetch.waits == []


def test_messages_of_failures_have_no_secrets(serve: Serve, fetch: Fetch) -> None:
    url = serve(Answer(404)).url.replace("//", "//me:secret@") + "?token=secret"
    with pytest.raises(DownloadError) as caught:
        fetch(url)
    assert "secret" not in str(caught.value)


# --- servers that would never end


def test_a_rest_with_more_than_was_announced_ends(serve: Serve, fetch: Fetch) -> None:
    place = {"Content-Range": f"bytes {HALF}-{len(CONTENT) - 1}/{len(CONTENT)}", **STRONG}
    more = Answer(206, place, CONTENT[HALF:] + bytes(8 * len(CONTENT)), sized=False)
    server = serve(Answer(200, STRONG, CONTENT, sent=HALF), more, Answer(200, STRONG, CONTENT))
    assert fetch(server.url) == CONTENT
    assert server.ranges == [None, f"bytes={HALF}-", None]
    assert max(done for done, _ in fetch.progress) == len(CONTENT)


def test_a_server_that_always_sends_more_than_it_announced_is_given_up(
    serve: Serve, fetch: Fetch
) -> None:
    place = {"Content-Range": f"bytes 0-{len(CONTENT) - 1}/{len(CONTENT)}", **STRONG}
    server = serve(*[Answer(206, place, CONTENT * 8, sized=False)] * 20)
    with pytest.raises(DownloadError, match=f"more than the {len(CONTENT)} bytes that it announ"):
        fetch(server.url, fetch.parts)
    assert len(server.requests) <= 2 * fetching.ATTEMPTS
    assert list(fetch.parts.iterdir()) == []


def test_no_more_is_taken_than_the_file_has(serve: Serve, fetch: Fetch) -> None:
    body = chunked(*[CONTENT] * 8)
    server = serve(Answer(200, {"Transfer-Encoding": "chunked"}, body, sized=False))
    with pytest.raises(IntegrityError, match="more than the expected 1000 bytes"):
        fetching.download(server.url, fetch.target, no_progress, size=1000)
    assert list(fetch.directory.iterdir()) == []
    assert len(server.requests) == 1


def test_what_is_announced_as_too_large_is_not_fetched(serve: Serve, fetch: Fetch) -> None:
    server = serve(Answer(200, STRONG, CONTENT))
    with pytest.raises(IntegrityError, match="more than the expected 1000 bytes"):
        fetching.download(server.url, fetch.target, fetch.progress.append, size=1000)  # type: ignore[arg-type]
    assert fetch.progress == []


def test_what_has_no_room_is_not_fetched(serve: Serve, fetch: Fetch) -> None:
    server = serve(Answer(200, {"Content-Length": str(10**17)}, b"x", sized=False))
    with pytest.raises(StorageError, match=r"has 100000000000 MB, but .* free"):
        fetch(server.url)
    assert len(server.requests) == 1


@pytest.mark.parametrize("size", ["-1", "1e30", "ten", "9" * 400])
def test_an_impossible_size_ends_at_once(serve: Serve, fetch: Fetch, size: str) -> None:
    server = serve(Answer(200, {"Content-Length": size}, CONTENT, sized=False))
    with pytest.raises(DownloadError, match="impossible size"):
        fetch(server.url)
    assert len(server.requests) == 1


def test_416_without_a_range_asked_for_is_final(serve: Serve, fetch: Fetch) -> None:
    server = serve(*[Answer(416)] * 20)
    with pytest.raises(DownloadError, match="416"):
        fetch(server.url)
    assert len(server.requests) == 1


def test_a_drip_is_given_up_and_what_came_is_kept(
    serve: Serve, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "STALL_SECONDS", 0.2)
    server = serve(Answer(200, STRONG, CONTENT[:1600], pause=0.1))
    with pytest.raises(DownloadError, match=r"fewer than 16384 bytes arrived in 0\.2 s"):
        fetch(server.url, fetch.parts)
    assert len(server.requests) == 1
    (kept,) = fetch.kept
    assert 0 < kept.stat().st_size < 1600


def test_a_slow_file_that_moves_on_is_not_a_drip(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(fetching.time, "monotonic", lambda: now[0])
    watch = fetching._Watch()
    for _ in range(100):
        now[0] += 30
        assert not watch.stands_still(fetching.STALL_BYTES // 2)
    now[0] += 61
    assert watch.stands_still(fetching.STALL_BYTES - 1)


def test_a_head_that_never_ends_is_given_up(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time for the timeout of a read."""
    monkeypatch.setattr(fetching, "ANSWER_TIMEOUT", 0.3)
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connection, _ = listener.accept()
            with connection, contextlib.suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                while not stop.wait(0.05):
                    connection.sendall(b"x")

        threading.Thread(target=drip, daemon=True).start()
        # At once: five times two minutes would be ten without a word.
        with pytest.raises(DownloadError, match=r"x: the server .* within 0\.3 s; given up"):
            fetch(f"http://127.0.0.1:{listener.getsockname()[1]}/x")
        stop.set()


def test_the_body_of_a_redirect_is_not_read(serve: Serve, fetch: Fetch) -> None:
    behind = serve(Answer(200, STRONG, CONTENT))
    body = bytes(16 << 20)
    before = serve(Answer(302, {"Location": behind.url}, body, pause=60.0))
    assert fetch(before.url) == CONTENT


# --- secrets


@pytest.mark.parametrize(
    "url",
    [
        "https://me:S3CRET@127.0.0.1:{port}/x?token=S3CRET#S3CRET",  # no TLS there
        "http://me:S3CRET@127.0.0.1:99999/x?token=S3CRET",
        "http://me:S3CRET@nowhere.invalid/x?token=S3CRET",
        "http://me:S3CRET@/x?token=S3CRET",
        "http://me:S3CRET@[::1/x?token=S3CRET",
        "http:/me:S3CRET@host/x?token=S3CRET",
        "http://me:S3CRET@ho st/x?token=S3CRET",
        "http://me:S3CRET@*.x/x?token=S3CRET",
        "http://me:S3C/RET@127.0.0.1/S3CRET@x",
        "ftp://me:S3CRET@127.0.0.1/x?token=S3CRET",
    ],
)
def test_messages_of_addresses_that_fail_have_no_secrets(
    fetch: Fetch, serve: Serve, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    port = serve(Answer(404)).url.rpartition(":")[2].partition("/")[0]
    with caplog.at_level(logging.DEBUG, "ocrd_rapid"), pytest.raises(DownloadError) as caught:
        fetch(url.replace("{port}", port))
    error: BaseException | None = caught.value
    assert str(error)
    while error is not None:
        assert "S3C" not in str(error)
        error = error.__cause__
    assert "S3C" not in caplog.text


def test_an_untrusted_certificate_is_named_without_secrets() -> None:
    import ssl

    import requests
    import urllib3.exceptions as problems

    inner = ssl.SSLCertVerificationError(1, "certificate verify failed: self-signed certificate")
    outer = problems.MaxRetryError(None, "/x?token=S3CRET", problems.SSLError(inner))  # type: ignore[arg-type]
    error = requests.exceptions.SSLError(outer)
    assert "S3CRET" in str(error)
    assert "certificate verify failed: self-signed certificate" in fetching._reason(error)
    assert "S3CRET" not in fetching._reason(error)


def _login(name: str, password: str) -> str:
    import base64

    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def test_credentials_are_sent_to_their_host_only(serve: Serve, fetch: Fetch) -> None:
    behind = serve(Answer(200, STRONG, CONTENT))
    other = behind.url.replace("127.0.0.1", "localhost")
    before = serve(Answer(302, {"Location": other}))
    fetch(before.url.replace("//", "//me:S3CRET@"))
    assert before.requests[0]["Authorization"] == _login("me", "S3CRET")
    assert "Authorization" not in behind.requests[0]


def test_credentials_may_be_given_in_netrc(
    serve: Serve, fetch: Fetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password S3CRET\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server = serve(Answer(200, STRONG, CONTENT))
    fetch(server.url)
    assert server.requests[0]["Authorization"] == _login("me", "S3CRET")


# --- over several runs


def keep(fetch: Fetch, content: bytes, validator: str, url: str, owner: str = "free") -> Path:
    """Put a partial file where an earlier run would have left it."""
    key = hashlib.sha256(url.encode()).hexdigest()[:20]
    fetch.parts.mkdir(exist_ok=True)
    path = fetch.parts / f"{key}.{owner}"
    path.write_bytes(content)
    path.with_name(path.name + ".json").write_text(json.dumps({"validator": validator}))
    return path


def owner(pid: int) -> str:
    """Return what the file of a process of this machine is named after."""
    return partial_files._owner().replace(f".{os.getpid()}.", f".{pid}.")


@pytest.fixture
def dead_pid() -> int:
    """Return the number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def test_a_later_run_goes_on_where_an_earlier_one_failed(serve: Serve, fetch: Fetch) -> None:
    server = serve(Answer(200, STRONG, CONTENT, sent=HALF), Answer(404), rest_from(HALF))
    with pytest.raises(DownloadError, match="404"):
        fetch(server.url, fetch.parts)
    assert [path.read_bytes() for path in fetch.kept] == [CONTENT[:HALF]]
    assert not fetch.target.exists()

    assert fetch(server.url, fetch.parts) == CONTENT
    assert server.ranges[2] == f"bytes={HALF}-"
    assert list(fetch.parts.iterdir()) == []


def test_without_a_place_for_them_nothing_is_kept(serve: Serve, fetch: Fetch) -> None:
    server = serve(Answer(200, STRONG, CONTENT, sent=HALF), Answer(404))
    with pytest.raises(DownloadError):
        fetch(server.url)
    assert list(fetch.directory.iterdir()) == []


def test_ctrl_c_keeps_what_arrived(serve: Serve, fetch: Fetch) -> None:
    server = serve(respond=http.a_file(CONTENT))

    def stop(done: int, total: int) -> None:
        if done >= HALF:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetching.download(server.url, fetch.target, stop, parts=fetch.parts)
    (kept,) = fetch.kept
    size = kept.stat().st_size
    assert HALF <= size < len(CONTENT)
    assert fetch(server.url, fetch.parts) == CONTENT
    assert server.ranges == [None, f"bytes={size}-"]


def test_the_part_of_a_dead_process_is_taken_over(
    serve: Serve, fetch: Fetch, dead_pid: int
) -> None:
    server = serve(rest_from(HALF))
    keep(fetch, CONTENT[:HALF], '"one"', server.url, owner(dead_pid))
    assert fetch(server.url, fetch.parts) == CONTENT
    assert server.ranges == [f"bytes={HALF}-"]
    assert list(fetch.parts.iterdir()) == []


def test_the_part_of_a_living_process_is_not_touched(serve: Serve, fetch: Fetch) -> None:
    server = serve(Answer(200, STRONG, CONTENT))
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        theirs = keep(fetch, CONTENT[:HALF], '"one"', server.url, owner(other.pid))
        assert fetch(server.url, fetch.parts) == CONTENT
        assert server.ranges == [None]
        assert theirs.read_bytes() == CONTENT[:HALF]
        assert fetch.kept == [theirs]
        other.kill()


def test_of_several_parts_the_largest_is_taken(serve: Serve, fetch: Fetch, dead_pid: int) -> None:
    server = serve(rest_from(HALF))
    keep(fetch, CONTENT[:10], '"one"', server.url)
    keep(fetch, CONTENT[:HALF], '"one"', server.url, owner(dead_pid))
    assert fetch(server.url, fetch.parts) == CONTENT
    assert server.ranges == [f"bytes={HALF}-"]


@pytest.mark.parametrize(("age", "taken"), [(60, False), (2 * 3600, True)])
def test_the_part_of_another_machine_is_taken_when_it_is_quiet(
    serve: Serve, fetch: Fetch, age: int, taken: bool
) -> None:
    server = serve(respond=http.a_file(CONTENT))
    path = keep(fetch, CONTENT[:HALF], '"one"', server.url, "another_machine.1.abcdef01")
    then = time.time() - age
    os.utime(path, (then, then))
    assert fetch(server.url, fetch.parts) == CONTENT
    assert server.ranges == ([f"bytes={HALF}-"] if taken else [None])
    assert path.exists() is not taken


def test_parts_of_another_file_are_left(serve: Serve, fetch: Fetch) -> None:
    server = serve(Answer(200, STRONG, CONTENT))
    other = keep(fetch, b"other", '"one"', server.url + "?other")
    assert fetch(server.url, fetch.parts) == CONTENT
    assert server.ranges == [None]
    assert other.read_bytes() == b"other"


def test_stale_parts_are_removed(serve: Serve, fetch: Fetch) -> None:
    server = serve(Answer(200, STRONG, CONTENT))
    path = keep(fetch, CONTENT[:HALF], '"one"', server.url)
    then = time.time() - partial_files.STALE_SECONDS - 60
    for old in list(fetch.parts.iterdir()):
        os.utime(old, (then, then))
    assert fetch(server.url, fetch.parts) == CONTENT
    assert server.ranges == [None]
    assert not path.exists()
    assert list(fetch.parts.iterdir()) == []


def test_a_part_whose_note_is_broken_is_not_resumed(serve: Serve, fetch: Fetch) -> None:
    server = serve(Answer(200, STRONG, CONTENT))
    path = keep(fetch, b"wrong", '"one"', server.url)
    path.with_name(path.name + ".json").write_text("{")
    assert fetch(server.url, fetch.parts) == CONTENT
    assert server.ranges == [None]


# --- redirects


def test_a_redirect_is_followed(serve: Serve, fetch: Fetch) -> None:
    behind = serve(Answer(200, STRONG, CONTENT))
    before = serve(Answer(302, {"Location": behind.url}))
    assert fetch(before.url) == CONTENT


def test_a_rest_is_asked_for_behind_a_redirect_too(serve: Serve, fetch: Fetch) -> None:
    behind = serve(Answer(200, STRONG, CONTENT, sent=HALF), rest_from(HALF))
    before = serve(*[Answer(302, {"Location": behind.url})] * 2)
    assert fetch(before.url) == CONTENT
    assert behind.ranges == [None, f"bytes={HALF}-"]


def test_endless_redirects_end(serve: Serve, fetch: Fetch) -> None:
    server = serve(respond=lambda headers: Answer(302, {"Location": "/again"}))
    with pytest.raises(DownloadError, match="redirect"):
        fetch(server.url)


@pytest.mark.parametrize(
    "location",
    [
        "ftp://127.0.0.1/x",
        "http://",
        "http:///x",
        "http://[::1/x",
    ],
)
def test_a_redirect_to_nowhere_is_a_failed_download(
    serve: Serve, fetch: Fetch, location: str
) -> None:
    with pytest.raises(DownloadError):
        fetch(serve(Answer(302, {"Location": location})).url)


def redirected(url: str, location: str) -> str | None:
    raw = SimpleNamespace(close=lambda: None)
    response = SimpleNamespace(url=url, is_redirect=True, headers={"location": location}, raw=raw)
    with fetching._session() as session:
        return session.get_redirect_target(response)  # type: ignore[arg-type]


@pytest.mark.parametrize("location", ["http://example.org/b", "HTTP://other/b", "http:b"])
def test_a_redirect_to_an_unprotected_address_is_refused(location: str) -> None:
    with pytest.raises(DownloadError, match="not allowed"):
        redirected("https://me:secret@example.org/a?secret", location)


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("https://example.org/a", "https://example.org/b"),
        ("https://example.org/a", "/b"),
        ("https://example.org/a", "//other/b"),
        ("http://example.org/a", "http://other/b"),
        ("http://example.org/a", "https://other/b"),
    ],
)
def test_other_redirects_are_followed(url: str, location: str) -> None:
    assert redirected(url, location) == location


def test_the_refusal_of_a_redirect_has_no_secrets() -> None:
    with pytest.raises(DownloadError) as caught:
        redirected("https://me:secret@example.org/a?secret", "http://secret@other/b?secret")
    assert "secret" not in str(caught.value)


def test_progress_may_be_ignored(serve: Serve, fetch: Fetch) -> None:
    server = serve(Answer(200, STRONG, CONTENT))
    fetching.download(server.url, fetch.target, no_progress)
    assert fetch.target.read_bytes() == CONTENT
