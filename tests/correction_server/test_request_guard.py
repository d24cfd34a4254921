# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Nobody but the browser that was given the token may ask, and nothing foreign is loaded."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

import ocrd_rapid.correction_server as package
from ocrd_rapid.correction_server.request_guard import LARGEST_BODY, RequestGuard

from .conftest import HOME, PORT, TOKEN, Served

#: What a stranger would like to have.
ASKED = ["/", "/api/pages", "/api/picture?page=P_1", "/web/app.js", "/api/events"]


def test_the_token_becomes_a_cookie(served: Served) -> None:
    served.client.cookies.clear()
    answer = served.client.get(f"/?token={TOKEN}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Path=/" in cookie
    assert served.client.get("/").status_code == 200


@pytest.mark.parametrize("path", ASKED)
@pytest.mark.parametrize("cookie", ["", "another", "tokené", TOKEN[:-1]])
def test_without_the_cookie(served: Served, path: str, cookie: str) -> None:
    served.client.cookies.clear()
    headers = {"cookie": f"ocrd-rapid-{PORT}={cookie}".encode()} if cookie else {}
    assert served.client.get(path, headers=headers).status_code == 403


@pytest.mark.parametrize("token", ["", "x", TOKEN + "x", "\u00e9", TOKEN.upper()])
def test_a_wrong_token(served: Served, token: str) -> None:
    served.client.cookies.clear()
    answer = served.client.get("/", params={"token": token}, follow_redirects=False)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "host",
    ["evil.example", f"evil.example:{PORT}", "127.0.0.1", "127.0.0.1:1", f"127.0.0.1.evil:{PORT}",
     f"user@127.0.0.1:{PORT}", f"127.0.0.1:{PORT}/x", "", "[", f"127.0.0.1:{PORT}x"],
)  # fmt: skip
def test_a_foreign_host(served: Served, host: str) -> None:
    """A name that was made to point to this machine."""
    assert served.client.get("/api/pages", headers={"host": host}).status_code == 421
    welcome = served.client.get(f"/?token={TOKEN}", headers={"host": host}, follow_redirects=False)
    assert welcome.status_code == 421


@pytest.mark.parametrize("host", [f"localhost:{PORT}", f"127.0.0.1:{PORT}", f"[::1]:{PORT}"])
def test_our_own_hosts(served: Served, host: str) -> None:
    assert served.client.get("/api/pages", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1:4321", "http://127.0.0.1:9", ""]
)
def test_a_foreign_origin(served: Served, origin: str) -> None:
    for method, path in (("GET", "/api/pages"), ("PUT", "/api/line"), ("POST", "/api/jobs/teach")):
        answer = served.client.request(method, path, headers={"origin": origin}, json={})
        assert answer.status_code == 403
    assert served.client.get("/api/pages", headers={"origin": HOME}).status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_elsewhere_cannot_show_our_pictures(served: Served, site: str) -> None:
    answer = served.client.get("/api/picture?page=P_1", headers={"sec-fetch-site": site})
    assert answer.status_code == 403


def test_every_answer_has_a_policy(served: Served) -> None:
    for path, status in (("/", 200), ("/api/pages", 200), ("/nothing", 404), ("/web/app.css", 200)):
        answer = served.client.get(path)
        assert answer.status_code == status
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'") and "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    ["/web/../http_api.py", "/web/%2e%2e/http_api.py", "/web//etc/passwd",
     "/web/", "/web/nothing.js", "/etc/passwd", "/../../mets.xml"],
)  # fmt: skip
def test_no_path_leads_to_a_file(served: Served, path: str) -> None:
    assert served.client.get(path).status_code == 404


def test_a_body_without_an_end(served: Served) -> None:
    received, sent = 0, []

    async def receive() -> dict[str, Any]:
        nonlocal received
        received += 65536
        return {"type": "http.request", "body": b" " * 65536, "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = {"host": f"127.0.0.1:{PORT}", "content-type": "application/json",
               "cookie": f"ocrd-rapid-{PORT}={TOKEN}"}  # fmt: skip
    scope = {
        "type": "http", "method": "PUT", "path": "/api/line", "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    asyncio.run(served.client.app(scope, receive, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 413
    assert received < 2 * LARGEST_BODY


def test_a_server_for_all_addresses_knows_only_addresses() -> None:
    guard = RequestGuard(None, "0.0.0.0", PORT, TOKEN)  # type: ignore[arg-type]
    assert guard._is_ours(f"192.0.2.7:{PORT}") and guard._is_ours(f"localhost:{PORT}")
    assert not guard._is_ours(f"evil.example:{PORT}")


def test_the_interface_fetches_nothing_from_elsewhere_and_makes_no_markup_of_text() -> None:
    web = Path(package.__file__).parent / "web"
    shared = web.parent.parent / "export" / "line_editor.js"
    scripts = [*web.glob("*.js"), shared]
    assert len(scripts) > 8
    for path in [*scripts, *web.glob("*.css"), *web.glob("*.html")]:
        content = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|//[a-z0-9-]+\.[a-z]", content), path
    for path in scripts:
        content = path.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", content)
