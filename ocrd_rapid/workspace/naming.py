# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Names of the outputs of a run: core's, but no two alike, and none already taken.

Core's rule (`ocrd_rapid.workspace.ids.output_file_id`) may give two pages one name: ``p/1`` and
``p:1`` both become ``p_1``. Then each of them gets a suffix made from its page's ID alone. That
depends on all pages with input, not on those of this run, so that a run with ``--page-id`` and a
resumed one find the same names.

Names are alike if a file system may think so: it may ignore case, and how a letter with an accent
is composed. A name followed by ``.IMG`` is that of a derived image, and belongs to the same output.
"""

from __future__ import annotations

import os
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from ..errors import MetsError
from .contents import MetsAccess, MetsFile
from .file_locations import local_path
from .ids import MIMETYPE_PAGE, digest, output_file_id, xml_id

#: After the ID of a page's output in the IDs and names of the images derived from it.
_IMAGE = ".img"

#: The ends of the ID and of the name of a PAGE-XML file.
_PAGE_XML = (("", ".xml"),)

#: The owner of a name: a file group and a page; a page or a division itself has no group.
_Owner = tuple[str, str]


class OutputNames:
    """Gives the outputs of a run their names, step after step."""

    def __init__(self, mets: MetsAccess, directory: Path) -> None:
        """Collect the names already taken in a workspace."""
        self._directory = directory
        self._root = str(directory)
        self._ends: Sequence[tuple[str, str]] = _PAGE_XML
        self._owners: dict[str, set[_Owner]] = defaultdict(set)
        self._derived: dict[str, set[_Owner]] = defaultdict(set)
        for group in mets.groups:
            for file in mets.files(group):
                names = (file.id, self._place(file.path)) if file.path else (file.id,)
                self._take(names, (group, file.page_id))
        structure = mets.structure()
        # An ID is unique in the whole document.
        self._take((page.id for page in structure.pages), ("", ""))
        self._take((division.id for division in structure.divisions), ("", ""))

    def assign(
        self,
        inputs: Mapping[str, MetsFile],
        input_group: str,
        output_group: str,
        ends: Sequence[tuple[str, str]] = (),
    ) -> dict[str, str]:
        """Return the ID of the output of each page, and keep these names for it.

        Files in place of PAGE-XML are named after the group and the page, not after the input:
        that is how viewers' METS files have it.

        Args:
            inputs: the first input file of each page that has any.
            input_group: the group they are in.
            output_group: the group that is written.
            ends: what is added for each file of a page to its ID, and to the name of the file;
                empty for PAGE-XML.

        Raises:
            MetsError: two names cannot be told apart.
        """
        plain = {
            page: xml_id(f"{output_group}_{page}")
            if ends
            else _plain_id(file, page, input_group, output_group)
            for page, file in inputs.items()
        }
        self._ends = ends or _PAGE_XML
        marked: set[str] = set()
        while True:
            chosen = {
                page: f"{name}_{digest(page)}" if page in marked else name
                for page, name in plain.items()
            }
            clashing = self._clashing(chosen, output_group)
            if not clashing:
                break
            if clashing.keys() <= marked:
                page, other = next(iter(clashing.items()))
                path = f"{output_group}/{chosen[page]}{self._ends[0][1]}"
                raise MetsError(
                    f"the output {path} of page '{page}' would have the name of {other}; name"
                    " another output group"
                )
            marked.update(clashing)
        for page, name in chosen.items():
            self._take(self._names(output_group, name), (output_group, page))
        return chosen

    def _clashing(self, chosen: Mapping[str, str], group: str) -> dict[str, str]:
        """Return the pages whose names are not theirs alone, and the other owners in words."""
        pages: dict[str, list[str]] = defaultdict(list)
        roots: dict[str, list[str]] = defaultdict(list)
        for page, name in chosen.items():
            pages[_fold(name)].append(page)
            for root in _roots(_fold(name)):
                roots[root].append(page)
        found = {}
        for page, name in chosen.items():
            key = _fold(name)
            near = [*pages[key], *roots.get(key, ())]
            near += [other for root in _roots(key) for other in pages.get(root, ())]
            others = [other for other in near if other != page]
            if others:
                found[page] = f"that of page '{others[0]}'"
            elif owner := self._other_owner(group, name, (group, page)):
                found[page] = _describe(owner)
        return found

    def _other_owner(self, group: str, name: str, own: _Owner) -> _Owner | None:
        for taken in map(_fold, self._names(group, name)):
            owners = self._owners.get(taken, set()) | self._derived.get(taken, set())
            for root in _roots(taken):
                owners = owners | self._owners.get(root, set())
            for owner in sorted(owners - {own}):
                return owner
        return None

    def _names(self, group: str, name: str) -> list[str]:
        """Return the IDs of an output, its paths, and the prefix of the paths of its images."""
        stem = self._place(f"{group}/{name}")
        return [*(both for i, p in self._ends for both in (name + i, stem + p)), stem]

    def _place(self, path: str) -> str:
        """Return the canonical form of the path of a file."""
        if "%" in path or ":" in path:
            return os.path.normpath(local_path(self._directory, path))
        return os.path.normpath(f"{self._root}/{path}" if path[0] != "/" else path)

    def _take(self, names: Iterable[str], owner: _Owner) -> None:
        for key in map(_fold, names):
            self._owners[key].add(owner)
            for root in _roots(key):
                self._derived[root].add(owner)


def _plain_id(file: MetsFile, page: str, input_group: str, output_group: str) -> str:
    name = output_file_id(file.id, page, input_group, output_group)
    if input_group == output_group and file.mimetype != MIMETYPE_PAGE:
        return f"{name}_PAGE"  # beside the image, not in its place
    return name


def _fold(name: str) -> str:
    """Return a key that is equal for names that a file system may take for the same."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def _roots(key: str) -> Iterator[str]:
    """Yield the names that would make this one the name of an image derived from theirs."""
    end = key.find(_IMAGE)
    while end > 0:
        yield key[:end]
        end = key.find(_IMAGE, end + 1)


def _describe(owner: _Owner) -> str:
    group, page = owner
    if not group:
        return "a page or a division of the METS"
    return f"a file of page '{page}' in file group '{group}'" if page else f"a file in '{group}'"
