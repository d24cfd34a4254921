# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The handbook as a site: all pages, rendered as forges do, with search, and nothing from afar.

``make docs`` makes the site and runs these tests; elsewhere those of the site are skipped.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml
from documents import DOCUMENTS, ROOT
from markdown_it import MarkdownIt
from pictures import ARCHITECTURE, architecture

SITE = ROOT / "site"
BUILT = sorted(SITE.rglob("*.html"))
#: Elements that the two dialects of Markdown make of the same lines, or of different ones.
_ELEMENTS = ("li", "ol", "ul", "pre", "table", "img", "h2", "h3", "blockquote")
needs_site = pytest.mark.skipif(not BUILT, reason="the site is not there: run `make docs`")


class _Loader(yaml.SafeLoader):
    """Reads a configuration in which a function is named."""


_Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda loader, suffix, node: suffix)
CONFIGURATION = yaml.load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"), _Loader)


def pages_of(nav: list[Any]) -> Iterator[str]:
    """Yield the pages of a part of the navigation."""
    for entry in nav:
        (place,) = entry.values()
        if isinstance(place, list):
            yield from pages_of(place)
        else:
            yield place


def place_of(path: str) -> str:
    """Return the place in the site of a document."""
    return "index.md" if path == "README.md" else path.removeprefix("docs/")


def rendered(path: str) -> str:
    """Return the HTML of a document in the site, without navigation."""
    place = re.sub(r"README\.md$", "index.md", place_of(path))
    html = (SITE / place).with_suffix(".html").read_text(encoding="utf-8")
    return html[html.index("<article") : html.index("</article")]


def test_every_document_is_in_the_navigation_once() -> None:
    named = Counter(pages_of(CONFIGURATION["nav"]))
    assert set(named) == {place_of(path) for path in DOCUMENTS}
    assert max(named.values()) == 1


def test_the_parts_are_those_of_a_handbook() -> None:
    parts = [next(iter(part)) for part in CONFIGURATION["nav"]]
    assert parts == ["Overview", "Tutorials", "How to", "Reference", "Explanation"]


def test_every_picture_is_shown() -> None:
    shown = {
        name for text in DOCUMENTS.values() for name in re.findall(r"images/([\w.-]+)\)", text)
    }
    assert shown == {path.name for path in (ROOT / "docs" / "images").iterdir()}


def test_the_picture_of_the_architecture_is_of_the_layers_that_there_are() -> None:
    package = ROOT / "ocrd_rapid"
    names = [name for row in ARCHITECTURE for name, _ in row.boxes]
    assert [
        n for n in names if not any((package / n).with_suffix(s).exists() for s in ("", ".py"))
    ] == []
    drawn = (ROOT / "docs" / "images" / "architecture.svg").read_text(encoding="utf-8")
    assert drawn == architecture()
    packages = {path.parent.name for path in package.glob("*/__init__.py")}
    assert packages - set(names) == {"transfer"}


@needs_site
@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_page_has_the_elements_that_forges_show(path: str) -> None:
    reference = MarkdownIt("commonmark").enable("table").render(DOCUMENTS[path])
    html = rendered(path)
    counts = {
        name: [len(re.findall(rf"<{name}[ >]", text)) for text in (html, reference)]
        for name in _ELEMENTS
    }
    assert {name: pair for name, pair in counts.items() if pair[0] != pair[1]} == {}


@needs_site
def test_nothing_is_loaded_from_elsewhere() -> None:
    loading = re.compile(
        r"<(?:script|img|iframe|source|video)[^>]*\ssrc=[\"']?(?:https?:)?//"
        r"|<link[^>]*\bhref=[\"']?(?:https?:)?//(?=[^>]*>)"
    )
    found = {path.name for path in BUILT if loading.search(path.read_text(encoding="utf-8"))}
    assert found == set()
    sheets = [path.read_text(encoding="utf-8") for path in SITE.rglob("*.css")]
    assert sheets
    assert [
        sheet for sheet in sheets if re.search(r"(@import|url\()\s*[\"']?(https?:)?//", sheet)
    ] == []


@needs_site
def test_all_links_within_the_site_lead_somewhere() -> None:
    anchors: dict[Path, set[str]] = {}
    dead = []
    for page in BUILT:
        if page.name == "404.html":
            continue
        for link in re.findall(r"\shref=[\"']?([^\"' >]+)", page.read_text(encoding="utf-8")):
            if re.match(r"[a-z]+:", link):
                continue
            target, _, anchor = unquote(link).partition("#")
            file = (page.parent / target).resolve() if target else page
            file = file / "index.html" if file.is_dir() else file
            if file not in anchors and file.is_file():
                text = file.read_text(encoding="utf-8") if file.suffix == ".html" else ""
                anchors[file] = set(re.findall(r"\sid=[\"']?([^\"' >]+)", text))
            if file not in anchors or (anchor and anchor not in anchors[file]):
                dead.append((page.name, link))
    assert dead == []


@needs_site
def test_the_search_works_from_the_disk_without_a_network(browser: Any) -> None:
    tab = browser.new_page()
    tab.set_default_timeout(0)
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto((SITE / "models" / "latin.html").as_uri(), timeout=0)
    tab.locator(".md-search__input").click()
    tab.locator(".md-search__input").type("searchable")
    results = tab.locator(".md-search-result__link")
    results.first.wait_for(timeout=600_000)
    assert "tutorial.html" in " ".join(link.get_attribute("href") or "" for link in results.all())
    assert [url for url in asked if not url.startswith(("file:", "about:"))] == []
