"""What is done with each response, and whether interrupted downloads go on where they ended."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
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

from ocrd_rapid.errors import DownloadError
from ocrd_rapid.resmgr import transfer
from ocrd_rapid.resmgr.sources import no_progress
from ocrd_rapid.resmgr.transfer import Partial, Step, Verdict

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
        transfer.download(
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
        (200, {"Content-Length": "10"}, 0, Verdict(Step.WRITE_ANEW, 10)),
        (200, {"Content-Length": "10"}, 5, Verdict(Step.WRITE_ANEW, 10)),
        (200, {}, 5, Verdict(Step.WRITE_ANEW, 0)),
        (200, {"Content-Length": "ten"}, 0, Verdict(Step.WRITE_ANEW, 0)),
        (200, {"Content-Length": "-1"}, 0, Verdict(Step.WRITE_ANEW, 0)),
        (206, {"Content-Range": "bytes 5-9/10"}, 5, Verdict(Step.APPEND, 10)),
        (206, {"Content-Range": "bytes 5-9/*"}, 5, Verdict(Step.APPEND, 0)),
        (206, {"Content-Range": "bytes 0-9/10"}, 0, Verdict(Step.APPEND, 10)),
        (206, {"Content-Range": "bytes 4-9/10"}, 5, Verdict(Step.ASK_ANEW)),
        (206, {"Content-Range": "bytes 0-9/10"}, 5, Verdict(Step.ASK_ANEW)),
        (206, {"Content-Range": "bytes */10"}, 5, Verdict(Step.ASK_ANEW)),
        (206, {"Content-Range": "lines 5-9/10"}, 5, Verdict(Step.ASK_ANEW)),
        (206, {}, 5, Verdict(Step.ASK_ANEW)),
        (416, {"Content-Range": "bytes */10"}, 10, Verdict(Step.COMPLETE, 10)),
        (416, {"Content-Range": "bytes */9"}, 10, Verdict(Step.ASK_ANEW, 9)),
        (416, {"Content-Range": "bytes */0"}, 0, Verdict(Step.ASK_ANEW, 0)),
        (416, {"Content-Range": "bytes */*"}, 10, Verdict(Step.ASK_ANEW, 0)),
        (416, {}, 10, Verdict(Step.ASK_ANEW, 0)),
    ],
)
def test_a_response_is_believed_word_by_word(
    status: int, headers: dict[str, str], size: int, expected: Verdict
) -> None:
    assert transfer.interpret(status, headers, Partial(size, '"one"')) == expected


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_passing_errors_are_tried_again(status: int) -> None:
    assert transfer.interpret(status, {}, Partial()).step is Step.TRY_AGAIN


@pytest.mark.parametrize("status", [204, 304, 400, 401, 403, 404, 410, 451, 501, 505])
def test_lasting_errors_are_not_tried_again(status: int) -> None:
    assert transfer.interpret(status, {}, Partial()).step is Step.GIVE_UP


@given(st.integers(0, 10**15), st.integers(0, 10**15), st.integers(1, 10**15))
def test_only_a_range_that_begins_where_we_ended_is_appended(
    size: int, start: int, length: int
) -> None:
    headers = {"Content-Range": f"bytes {start}-{start + length - 1}/{start + length}"}
    for first in (start, size):
        verdict = transfer.interpret(206, headers, Partial(first, '"one"'))
        assert (verdict.step is Step.APPEND) == (first == start)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("bytes 5-9/10", (5, 10)),
        (" bytes 0-0/1 ", (0, 1)),
        ("bytes 5-9/*", (5, 0)),
        ("bytes */10", (None, 10)),
        ("bytes */*", (None, 0)),
        ("", (None, 0)),
        ("bytes", (None, 0)),
        ("bytes 5-/10", (None, 0)),
        ("bytes -5/10", (None, 0)),
        ("bytes=5-9/10", (None, 0)),
        ("bytes 5-9/10, 11-12/13", (None, 0)),
        ("bytes 5-9/-10", (None, 0)),
    ],
)
def test_parts_of_a_content_range(value: str, expected: tuple[int | None, int]) -> None:
    assert transfer.parse_content_range(value) == expected


_latin = st.text(st.characters(max_codepoint=255))


@given(_latin)
def test_no_content_range_raises(value: str) -> None:
    start, total = transfer.parse_content_range(value)
    assert total >= 0
    assert start is None or start >= 0


@pytest.mark.parametrize(
    ("status", "value"),
    [
        (200, "²"),
        pytest.param(200, "9" * 5000, id="200-long"),
        pytest.param(206, "9" * 5000, id="206-long"),
        pytest.param(416, "9" * 5000, id="416-long"),
        (206, "²"),
        (416, "²"),
    ],
)
def test_numbers_that_are_none_are_unknown(status: int, value: str) -> None:
    headers = {"Content-Length": value, "Content-Range": f"bytes 5-9/{value}"}
    assert transfer.interpret(status, headers, Partial(5, '"one"')).total in (0, None)


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
    assert transfer.validator_of(headers) == expected


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
    assert full / 2 <= transfer.delay_before(attempt) <= full


@pytest.mark.parametrize(("said", "expected"), [("0", 0.0), ("7", 7.0), ("86400", 30.0)])
def test_the_server_may_say_how_long_to_wait(said: str, expected: float) -> None:
    assert transfer.delay_before(1, said) == expected


@pytest.mark.parametrize(
    "said",
    [None, "", "Wed, 21 Oct 2015 07:28:00 GMT", "-3", "1.5", "²"],
)
def test_what_is_no_number_of_seconds_is_not_obeyed(said: str | None) -> None:
    assert 0.5 <= transfer.delay_before(1, said) <= 1.0


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org/a/b", "https://example.org/a/b"),
        ("https://me:secret@example.org:8080/a", "https://example.org:8080/a"),
        ("https://me:sec@ret@example.org/a", "https://example.org/a"),
        ("https://example.org/a?token=secret#secret", "https://example.org/a"),
        ("https://secret@[::1]:80/a?secret", "https://[::1]:80/a"),
    ],
)
def test_messages_have_no_secrets(url: str, expected: str) -> None:
    assert transfer.redact(url) == expected


@given(st.from_regex(r"[a-z0-9]{4,12}", fullmatch=True))
def test_no_secret_survives_anywhere_in_a_url(secret: str) -> None:
    secret = f"S3CRET{secret}"
    url = f"https://{secret}:{secret}@host/path?{secret}={secret}#{secret}"
    assert transfer.redact(url) == "https://host/path"


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
    assert len(server.requests) == transfer.ATTEMPTS
    assert len(fetch.waits) == transfer.ATTEMPTS - 1


def test_attempts_that_bring_bytes_are_not_counted(serve: Serve, fetch: Fetch) -> None:
    step = transfer._CHUNK
    pieces = []
    for start in range(step, len(CONTENT), step):
        whole = rest_from(start)
        pieces.append(Answer(206, whole.headers, whole.body, sent=step))
    server = serve(Answer(200, STRONG, CONTENT, sent=step), *pieces)
    assert fetch(server.url) == CONTENT
    assert len(server.requests) == len(CONTENT) // step > transfer.ATTEMPTS


def test_bytes_in_between_start_the_count_anew(serve: Serve, fetch: Fetch) -> None:
    fails = [Answer(503)] * (transfer.ATTEMPTS - 1)
    server = serve(*fails, Answer(200, STRONG, CONTENT, sent=HALF), *fails, rest_from(HALF))
    assert fetch(server.url) == CONTENT


@pytest.mark.parametrize(
    "sizes",
    [
        (HALF, HALF),
        (HALF, HALF + transfer._CHUNK),
    ],
)
def test_getting_the_same_bytes_again_is_no_progress(
    serve: Serve, fetch: Fetch, sizes: tuple[int, int]
) -> None:
    """A server without ranges that always breaks off, now earlier and now later."""
    server = serve(*[Answer(200, {}, CONTENT, sent=size) for _ in range(20) for size in sizes])
    with pytest.raises(DownloadError, match=r"broken|resume"):
        fetch(server.url)
    assert len(server.requests) <= 3 * transfer.ATTEMPTS


def test_a_server_that_gets_ranges_wrong_and_breaks_off_is_given_up(
    serve: Serve, fetch: Fetch
) -> None:
    broken = Answer(200, STRONG, CONTENT, sent=HALF)
    server = serve(*[broken, rest_from(HALF - 1)] * 20)
    with pytest.raises(DownloadError, match=r"broken|resume"):
        fetch(server.url)
    assert len(server.requests) <= 3 * transfer.ATTEMPTS


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
    return transfer._owner().replace(f".{os.getpid()}.", f".{pid}.")


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
        transfer.download(server.url, fetch.target, stop, parts=fetch.parts)
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
    then = time.time() - transfer.STALE_SECONDS - 60
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
    response = SimpleNamespace(url=url, is_redirect=True, headers={"location": location})
    with transfer._session() as session:
        return session.get_redirect_target(response)  # type: ignore[arg-type]


@pytest.mark.parametrize("location", ["http://example.org/b", "HTTP://other/b", "http:b"])
def test_a_redirect_to_an_unprotected_address_is_refused(location: str) -> None:
    with pytest.raises(DownloadError, match="refused"):
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
    transfer.download(server.url, fetch.target, no_progress)
    assert fetch.target.read_bytes() == CONTENT
