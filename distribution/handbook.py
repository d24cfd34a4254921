# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Hooks of MkDocs for the handbook: documents outside of ``docs/`` become pages of the site.

The links of all documents are those of the project folder, so that they work on a forge, too. Here
they are rewritten: ``docs/`` is the root of the site, and what lies outside of it is put there.
See https://www.mkdocs.org/user-guide/configuration/#hooks.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]

_DOCS = "docs/"
_HOME = "README.md"
_LINK = re.compile(r"(\]\()([^)\s#:]+)((?:#[^)\s]*)?\))")


def site_path(path: str) -> str:
    """Return the place in the site of a file, by its path in the project."""
    return "index.md" if path == _HOME else path.removeprefix(_DOCS)


def project_path(place: str) -> str:
    """Return the path in the project of a page, by its place in the site."""
    if place == "index.md":
        return _HOME
    return place if (ROOT / place).is_file() else _DOCS + place


def linked(path: str, text: str) -> list[str]:
    """Return the paths in the project to which a document links."""
    folder = posixpath.dirname(path)
    return [posixpath.normpath(posixpath.join(folder, link)) for _, link, _ in _LINK.findall(text)]


def rewritten(path: str, text: str) -> str:
    """Return a document with the links of the site in place of the project's."""
    here = posixpath.dirname(site_path(path)) or "."
    folder = posixpath.dirname(path)

    def link(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, match[2]))
        return match[1] + posixpath.relpath(site_path(target), here) + match[3]

    return _LINK.sub(link, text)


def on_files(files: Files, config: Any) -> Files:
    """Add the documents outside of ``docs/``, and the files there that documents link to."""
    outside = sorted([*ROOT.glob("*.md"), *ROOT.glob("examples/**/*.md")])
    pages = [path.relative_to(ROOT).as_posix() for path in outside]
    texts = {name: (ROOT / name).read_text(encoding="utf-8") for name in pages}
    texts |= {
        project_path(file.src_uri): file.content_string for file in files.documentation_pages()
    }
    targets = [target for path, text in texts.items() for target in linked(path, text)]
    files_besides = {
        target
        for target in targets
        if not target.startswith((_DOCS, "..")) and (ROOT / target).is_file()
    }
    for path in sorted({*pages, *files_besides}):
        source = str(ROOT / path)
        files.append(File.generated(config, site_path(path), abs_src_path=source))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Rewrite the links of a page."""
    return rewritten(project_path(page.file.src_uri), markdown)
