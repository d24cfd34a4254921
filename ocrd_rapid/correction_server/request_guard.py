# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Who may ask: only a browser that was given the token, for this very host, from our own pages.

* The token is in the address that is printed; the first answer is a cookie that no script can read
  (``HttpOnly``) and no other site can use (``SameSite=Strict``), and the address without the token.
* ``Host`` must be ours: else a foreign name that was made to point here (DNS rebinding) could read.
* ``Origin``, where a browser sends it, must be ours, and so must ``Sec-Fetch-Site``.
* Bodies have a limit, and everything that is sent has a Content Security Policy.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import socket
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Size in bytes of the largest body of a request.
LARGEST_BODY = 1 << 20

#: Nothing but our own files is loaded or run.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}

#: Addresses to bind to that mean all of the machine.
ANYWHERE = ("0.0.0.0", "::")


class RequestGuard:
    """Lets through what may be asked, and nothing else."""

    def __init__(
        self, app: ASGIApp, host: str, port: int, token: str,
        touch: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """Guard an application.

        Args:
            app: the application.
            host: the address that it is bound to.
            port: its port.
            token: what the address has that the user is given.
            touch: called for each request that is let through.
        """
        self._app, self._host, self._port, self._token = app, host, port, token
        self._touch = touch
        self._cookie = f"ocrd-rapid-{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        refused = self._refusal(scope)
        if refused is not None:
            await refused(scope, receive, _with_headers(send))
            return
        self._touch()
        await self._app(scope, _limited(receive), _with_headers(send))

    def _refusal(self, scope: Scope) -> Response | None:
        """Return the answer to a request that goes no further."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._is_ours(host):
            return PlainTextResponse("this is another host\n", 421)
        origin = headers.get("origin")
        if origin is not None and origin != f"{scope.get('scheme', 'http')}://{host}":
            return PlainTextResponse("foreign origin\n", 403)
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        if scope["path"] == "/" and "token" in query:
            return self._welcome(query["token"][0])
        if not self._has_cookie(headers):
            return PlainTextResponse(
                "Open the address that ocrd-rapid correct has printed: it has a token.\n", 403
            )
        site = headers.get("sec-fetch-site", "none")
        if site not in ("none", "same-origin") and scope["path"] != "/":
            return PlainTextResponse("foreign origin\n", 403)
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            return PlainTextResponse("the request is too large\n", 413)
        return None

    def _welcome(self, given: str) -> Response:
        """Return a cookie for a token, and the address without it."""
        if not hmac.compare_digest(given.encode(), self._token.encode()):
            return PlainTextResponse("wrong token: it is that of another run\n", 403)
        answer = RedirectResponse("/", 303)
        answer.set_cookie(
            self._cookie, self._token, path="/", httponly=True, samesite="strict", secure=False
        )
        return answer

    def _has_cookie(self, headers: Headers) -> bool:
        try:
            morsel = SimpleCookie(headers.get("cookie", "")).get(self._cookie)
        except CookieError:
            return False
        return morsel is not None and hmac.compare_digest(
            morsel.value.encode(), self._token.encode()
        )

    def _is_ours(self, host: str) -> bool:
        """Return whether a header ``Host`` means us."""
        try:
            parts = urlsplit(f"//{host}")
            name, port = (parts.hostname or "").lower(), parts.port or 80
        except ValueError:
            return False
        if port != self._port or parts.username is not None or parts.path:
            return False
        return name in self._names() or (self._host in ANYWHERE and _is_address(name))

    def _names(self) -> set[str]:
        names = {self._host.lower()}
        if self._host in ANYWHERE or is_loopback(self._host):
            names |= {"localhost", "127.0.0.1", "::1"}
        if not is_loopback(self._host):
            names.add(socket.gethostname().lower())
        return names


def new_token() -> str:
    """Return a token that nobody can guess."""
    return secrets.token_urlsafe(24)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach an address."""
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _limited(receive: Receive) -> Receive:
    """Return a function that receives at most `LARGEST_BODY` bytes."""
    received = 0

    async def limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > LARGEST_BODY:
            raise HTTPException(413, "the request is too large")
        return message

    return limited


def _with_headers(send: Send) -> Send:
    """Return a function that sends answers with the headers that all have."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
            if "cache-control" not in headers:
                headers["cache-control"] = "no-store"
        await send(message)

    return sending
