# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A person at the keyboard of a page in a browser."""

from __future__ import annotations

import contextlib
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

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


class BookTypist(Typist):
    """A person who corrects a book that a server of its own serves."""

    def __init__(self, context: Any, address: str) -> None:
        self.home = address.partition("/?")[0]
        super().__init__(context, (f"{self.home}/", "data:"))
        self.page.on("dialog", lambda dialog: dialog.accept())
        self.page.goto(address)
        self.page.wait_for_selector("body[data-ready]")

    def start(self, order: str = "page") -> None:
        """Begin with the first line of the book."""
        self.page.wait_for_selector("#rows[data-order]")
        self.page.select_option("#order", order)
        self.page.wait_for_selector(f"#rows[data-order={order}]")
        self.page.wait_for_selector(".line input:focus")

    def wait(self, script: str, seconds: float = 120) -> None:
        """Wait until an expression is true; the page itself may evaluate no text."""
        from playwright.sync_api import Error  # raised while a page is loaded anew

        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(Error):
                if self.page.evaluate(script):
                    return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{script}: {self.page.locator('main').inner_text()}")

    def settled(self) -> None:
        """Wait until all is saved."""
        self.wait("""!document.querySelector('[data-pending]:not([data-pending=""])')""")

    @property
    def texts(self) -> list[str]:
        rows = "[...document.querySelectorAll('section:not([hidden]) .line input')]"
        script = f"{rows}.map((field) => field.value)"
        return [str(text) for text in self.page.evaluate(script)]

    @property
    def states(self) -> list[str]:
        return [str(t) for t in self.page.locator(".line .said").all_text_contents()]

    @property
    def here(self) -> tuple[str, str]:
        """The page and the ID of the line in which the cursor is; empty without one."""
        image = "document.activeElement.closest('.line')?.querySelector('.picture')"
        query = parse_qs(urlsplit(str(self.page.evaluate(f"{image}?.src ?? ''"))).query)
        return query.get("page", [""])[0], query.get("line", [""])[0]

    def move(self, key: str) -> None:
        """Press a key that goes to another line, and wait until it is there."""
        before = self.here
        self.press(key)
        for _ in range(600):
            if self.here not in (before, ("", "")):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{key} does not leave {before}")

    def correct(self, texts: dict[tuple[str, str], str], wanted: int) -> int:
        """Type the texts of lines, by page and ID, as they come; return the number of lines.

        Other lines are passed by. A line that is right is only confirmed.
        """
        done, passed = 0, 0
        while done < wanted and texts and passed < 1000:
            text = texts.pop(self.here, "")
            if text:
                if self.page.locator(":focus").input_value() != text:
                    self.press("Control+a")
                    self.page.keyboard.type(text)
                done += 1
            passed += not text
            self.move("Enter" if text else "ArrowDown")
        self.settled()
        return done

    def teach(self) -> None:
        """Go to the view, press the button there, and wait for the end."""
        self.press("Alt+Shift+Digit4")
        self.wait("document.activeElement.id === 'teach'")
        self.press("Enter")
        self.wait(
            "document.querySelector('#taught p') && document.querySelector('#stop-job').hidden", 900
        )

    def read_on(self) -> None:
        """Press the button that has the focus after teaching, and wait for the end."""
        self.wait("document.activeElement.id === 'read-on'")
        count = "document.querySelectorAll('#readings h2').length"
        before = int(self.page.evaluate(count))
        self.press("Enter")
        self.wait(f"{count} > {before} && document.querySelector('#stop-job').hidden", 900)
