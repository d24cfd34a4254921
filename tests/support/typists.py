# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A person at the keyboard of a page in a browser."""

from __future__ import annotations

from typing import Any

#: Text that is markup if somebody takes it for that.
HOSTILE = '<script>document.title = "bad"</script><img src=x onerror=alert(1)>'


class Typist:
    """Types, and notes what a page must not do: errors of scripts, and requests to elsewhere.

    Attributes:
        page: the page of the browser, not opened yet.
        trouble: what was noted.
    """

    def __init__(self, context: Any, allowed: tuple[str, ...]) -> None:
        """Open a window; ``allowed`` has what addresses of requests may begin with."""
        self.page = context.new_page()
        self.trouble: list[str] = []
        self._allowed = allowed
        self.page.on("request", lambda request: self._note(request.url))
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))

    def _note(self, url: str) -> None:
        if not url.startswith(self._allowed):
            self.trouble.append(url)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        self.press("Control+a")
        self.page.keyboard.insert_text(text)

    @property
    def chosen(self) -> str:
        script = "(f) => String(f.value).slice(f.selectionStart, f.selectionEnd)"
        return str(self.page.locator(":focus").evaluate(script))

    @property
    def spoken(self) -> str:
        return str(self.page.locator("#spoken").text_content())
