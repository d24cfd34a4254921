# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Nothing that is secret in a web address gets into a message, a log, or a file."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.addresses import redact, scheme_of, scrub, storable
from ocrd_rapid.cli import logs
from ocrd_rapid.errors import MetsServerError, ResourceNotFoundError
from ocrd_rapid.workspace import findings
from ocrd_rapid.workspace.mets_server_http import Address


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org/a/b", "https://example.org/a/b"),
        ("https://me:secret@example.org:8080/a", "https://example.org:8080/a"),
        ("https://me:sec@ret@example.org/a", "https://example.org/a"),
        ("https://secret@[::1]:80/a?secret", "https://[::1]:80/a"),
        ("https://example.org/a?token=secret#secret", "https://example.org/a"),
        ("https://example.org/a;jsessionid=secret/b?secret", "https://example.org/a/b"),
        # Characters that ought to have been encoded.
        ("https://me:sec/ret@example.org/a", "https://example.org/a"),
        ("https://me:sec#ret@example.org/a", "https://example.org/a"),
        ("https://me:sec?ret@example.org/a", "https://example.org/a"),
        # Malformed ones.
        ("http://[::1", "http://[::1"),
        ("http://me:secret@[::1/a", "http://[::1/a"),
        ("http://me:secret@host:99999999/a", "http://host:99999999/a"),
        ("htps://me:secret@host/a?secret", "htps://host/a"),
        ("http:/me:secret@host/a", "http:/host/a"),
        ("http:me:secret@host/a", "http:host/a"),
        ("me:secret@host/a", "host/a"),
        # What is not a web address stays as it is.
        ("/data/a#b?c;d@e", "/data/a#b?c;d@e"),
        ("C:\\models\\a@b", "C:\\models\\a@b"),
        ("C:/models/a@b?c", "C:/models/a@b?c"),
        ("file:///data/a%23b?c", "file:///data/a%23b?c"),
        ("pypi:name==1.0/a/b", "pypi:name==1.0/a/b"),
        ("https://example.org/@scope/a", "https://example.org/@scope/a"),
    ],
)
def test_messages_have_no_secrets(url: str, expected: str) -> None:
    assert redact(url) == expected


_SECRET = st.from_regex(r"S3CRET[a-z0-9]{4,12}", fullmatch=True)


@given(_SECRET)
def test_no_secret_survives_anywhere_in_a_url(secret: str) -> None:
    url = f"https://{secret}:{secret}@host/path;{secret}?{secret}={secret}&{secret}#{secret}"
    assert redact(url) == "https://host/path"
    assert storable(url)[0] == "https://host/path"
    assert scrub(f"failed: '{url}' ({url})") == "failed: 'https://host/path' (https://host/path)"


@given(st.text())
def test_no_address_raises(text: str) -> None:
    for url in (text, f"https://{text}"):
        redact(url)
        storable(url)
        scrub(url)


@pytest.mark.parametrize(
    "query",
    [
        "token=S", "access_token=S", "X-Amz-Signature=S&X-Amz-Credential=S", "sig=S&se=2030&sp=r",
        "Signature=S&Expires=1&Key-Pair-Id=K", "key=S", "S", "%74oken=S", "TOKEN=S",
    ],
)  # fmt: skip
def test_what_is_stored_keeps_only_what_is_known_to_be_harmless(query: str) -> None:
    plain, left_out = storable(f"https://host/get?id=5&{query}&download=1#S")
    assert plain == "https://host/get?id=5&download=1"
    assert len(left_out) == query.count("&") + 1
    assert "S" not in left_out


def test_an_address_without_secrets_is_stored_as_it_is() -> None:
    url = "https://host:8080/api/resolve?Revision=master&FilePath=a%2Fb.onnx"
    assert storable(url) == (url, [])
    assert storable("/data/a?token=b") == ("/data/a?token=b", [])


@pytest.mark.parametrize(
    ("address", "scheme"),
    [
        ("HTTPS://a", "https"),
        ("http://[::1", "http"),
        ("a/b:c", ""),
        ("/a", ""),
        ("", ""),
        ("a:b", "a"),
    ],
)
def test_the_scheme_of_a_malformed_address_is_told_too(address: str, scheme: str) -> None:
    assert scheme_of(address) == scheme


@pytest.mark.parametrize("mark", [";", ",", "?", "!", ")", ");"])
def test_the_punctuation_behind_an_address_stays(mark: str) -> None:
    assert scrub(f"(see http://a.b/c.png{mark} x") == f"(see http://a.b/c.png{mark} x"
    assert scrub(f"(see http://a.b/c?t=1{mark} x") == f"(see http://a.b/c{mark} x"


def test_messages_of_other_libraries_are_scrubbed() -> None:
    message = (
        "HTTPSConnectionPool(host='h', port=443): Max retries exceeded with url: /p?token=secret"
        " (Caused by SSLError('x')) for https://me:secret@h/p?token=secret"
    )
    assert scrub(message) == (
        "HTTPSConnectionPool(host='h', port=443): Max retries exceeded with url: /p"
        " (Caused by SSLError('x')) for https://h/p"
    )


def test_the_log_has_no_secrets_whoever_writes_it(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("DEBUG")
    log = logging.getLogger("ocrd_rapid.anything")
    try:
        raise ValueError("https://me:S3CRET@host/a?token=S3CRET")
    except ValueError:
        log.warning("failed: %s", "https://me:S3CRET@host/b?S3CRET", exc_info=True)
    written = capsys.readouterr().err
    assert "S3CRET" not in written
    assert "https://host/b" in written
    assert "ValueError: https://host/a" in written


@pytest.mark.parametrize("end", [";", ",", ".", "; to"])
def test_the_sentence_around_an_address_keeps_its_punctuation(end: str) -> None:
    assert scrub(f"see http://host/a?token=1{end}") == f"see http://host/a{end}"


@pytest.mark.parametrize(
    "url",
    [
        "http://me:S3CRET@host:80", "https://me:S3CRET@host", "http://me:S3CRET@host:99999",
        "http://me:S3CRET@[::1", "http://host/?token=S3CRET",
    ],
)  # fmt: skip
def test_a_wrong_address_of_a_mets_server_is_named_without_secrets(url: str) -> None:
    with pytest.raises(MetsServerError) as caught:
        Address.parse(url)
    assert "is not the address of a METS server" in str(caught.value)
    assert "S3CRET" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "http://me:sec'ret@example.org/a.png",
        'http://me:sec"ret secret@example.org/a.png',
        "http:/me:secret secret@example.org/a.png?secret",
    ],
)
def test_passwords_with_quotes_and_blanks_are_left_out_of_texts(address: str) -> None:
    assert "sec" not in scrub(f"image '{address}' is not here")


def test_what_looks_like_an_address_and_a_mail_address_stays() -> None:
    for text in ("http://host:80: ask me@host", "http://host: ask me@host", "<http://a/b> me@x"):
        assert scrub(text) == text


def test_long_texts_are_scrubbed_at_once() -> None:
    assert scrub("a" * 1_000_000) == "a" * 1_000_000  # minutes, if every letter began a scheme


def test_errors_are_without_secrets_for_programs_too() -> None:
    error = ResourceNotFoundError("no https://me:secret@example.org/a?token=secret")
    assert str(error) == "no https://example.org/a"
    assert "secret" not in repr(error)
    assert findings.error("page", "p.xml", "http://me:secret@host/a").what == "http://host/a"
