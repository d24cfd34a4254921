# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Client of OCR-D's METS server: a METS held by another process, which many may change at once.

The server keeps the document in memory; additions are on disk after `MetsServer.save`. It only
lists files: the client writes their content, with paths relative to the workspace.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import MetsError, MetsServerError
from . import xml
from .contents import Agent, LogicalDivision, MetsFile, PhysicalPage, Structure, checked_file
from .file_locations import checked, sort_out
from .ids import check_id
from .mets import Mets
from .mets_server_http import Address
from .mets_server_protocol import Request, Transport, one_line

LOG = logging.getLogger(__name__)

#: Time limit of a request in seconds: a server with many clients and a large METS takes a while.
TIMEOUT = 60.0


class MetsServer:
    """A METS held by OCR-D's METS server; see `MetsAccess`.

    Threads may share it, and it keeps working in a forked process. Every method raises `MetsError`
    when the server rejects something, and `MetsServerError` when it cannot be reached or is not a
    METS server.
    """

    def __init__(self, transport: Transport, mets_path: Path) -> None:
        """Use `connect`."""
        self._transport = transport
        self._mets_path = mets_path
        # Fetched lists, with the state of the METS they belong to. They are valid as
        # long as this is the current one; so a list that another thread asked for before we
        # added something to it is never taken for a new one, and no lock has to survive a fork.
        self._state = object()
        self._lists: dict[str, tuple[object, tuple[str, ...]]] = {}
        self._removed: set[tuple[str, str]] = set()  # group and ID
        self._reported: set[tuple[str, str]] = set()
        self._not_pointed_to: list[str] = []

    @classmethod
    def connect(
        cls, url: str, directory: Path, mets_path: Path, *, timeout: float = TIMEOUT
    ) -> MetsServer:
        """Return the METS of a workspace from the server that serves it.

        Args:
            url: ``http://HOST:PORT``, the path of a unix socket, or the endpoint of a Processing
                Server that forwards requests (an ``http`` URL with ``tcp_mets`` in it).
            directory: the workspace.
            mets_path: its METS file, for what the server does not provide (see `structure`).
            timeout: most seconds for a request, from the connection to the end of the answer.

        Raises:
            MetsServerError: no METS server is there, it does not answer in time, or it serves
                another workspace.
            MetsError: the server rejects the request.
        """
        transport = Transport(Address.parse(url), directory, timeout)
        served = transport.ask(
            Request("name its workspace", "GET", "workspace_path", answer="text")
        )
        # A path with a null byte is not valid; such an answer is not from this workspace's server.
        if "\0" in served or os.path.realpath(served) != str(transport.directory):
            transport.close()
            raise MetsServerError(
                f"METS server {transport.address.url} serves the workspace"
                f" '{one_line(served)}' and not '{transport.directory}': these are not the same"
                " workspaces"
            )
        return cls(transport, mets_path)

    def close(self) -> None:
        """Close unused connections; a later request opens a new one."""
        self._transport.close()

    @property
    def pages(self) -> list[str]:
        """The IDs of the physical pages, in their order: as they were when last fetched.

        They are fetched when first asked for, and again when this client has added something new.
        """
        return self._list("physical_pages", "list the pages", "page ID")

    @property
    def groups(self) -> list[str]:
        """The names of the file groups: as they were when last fetched, like `pages`."""
        return self._list("file_groups", "list the file groups", "file group")

    def _list(self, name: str, purpose: str, what: str) -> list[str]:
        known = self._known(name)
        if known is None:
            state = self._state
            request = Request(purpose, "GET", name, answer="dict")
            answer = self._transport.ask(request)
            values = answer.get(name) if isinstance(answer, dict) else None
            if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
                raise self._transport.unexpected(request, answer)
            try:
                known = tuple(checked(value, what) for value in values)
            except MetsError as error:
                raise self._not_usable(error) from error
            self._lists[name] = (state, known)
        return list(known)

    def _not_usable(self, error: MetsError) -> MetsServerError:
        url = self._transport.address.url
        return MetsServerError(f"METS server {url} has a METS that cannot be used: {error}")

    def _known(self, name: str) -> tuple[str, ...] | None:
        state, values = self._lists.get(name, (None, ()))
        return values if state is self._state else None

    def files(self, group: str) -> Iterator[MetsFile]:
        """Return the files of a group that the server lists now, in its order."""
        found = self._find(f"list the files of group '{group}'", "file_grp", group)
        return (file for file in found if file.group == group and not self._is_removed(file))

    def file(self, identifier: str, group: str = "") -> MetsFile | None:
        """Return the current file with this ID (of this group), the first of several."""
        return next((f for f in self._stored(identifier, group) if not self._is_removed(f)), None)

    def _stored(self, identifier: str, group: str = "") -> list[MetsFile]:
        found = self._find(f"look up file '{identifier}'", "file_id", identifier)
        return [file for file in found if file.id == identifier and group in ("", file.group)]

    def _is_removed(self, file: MetsFile) -> bool:
        return (file.group, file.id) in self._removed

    def _find(self, purpose: str, key: str, value: str) -> list[MetsFile]:
        if xml.clean_text(value) != value:  # no METS can have it, and not all of it can be sent
            return []
        # The server takes what begins with two slashes for a regular expression.
        literal = f"//{re.escape(value)}" if value.startswith("//") else value
        request = Request(one_line(purpose), "GET", "file", data={key: literal})
        answer = self._transport.ask(request)
        try:
            return [_describe(entry) for entry in answer["files"]]
        except (KeyError, TypeError, AttributeError) as error:
            raise self._transport.unexpected(request, answer) from error
        except MetsError as error:
            raise self._not_usable(error) from error

    def structure(self) -> Structure:
        """Return the server's pages, and the logical divisions.

        The server only provides the pages' IDs. Their attributes and the divisions are those of
        the METS file on disk; a METS server cannot change them.

        Raises:
            MetsError: the METS file is missing or broken.
        """
        on_disk = Mets.read(self._mets_path).structure()
        pages = self.pages
        described = {page.id: page for page in on_disk.pages}
        divisions = tuple(
            LogicalDivision(
                id=division.id,
                dmdid=division.dmdid,
                type=division.type,
                label=division.label,
                pages=tuple(page for page in division.pages if page in pages),
                level=division.level,
            )
            for division in on_disk.divisions
        )
        described_pages = tuple(described.get(p, PhysicalPage(p)) for p in pages)
        return Structure(described_pages, divisions, on_disk.title)

    def add_file(self, file: MetsFile) -> None:
        """Add a file, and its group and page if they are new; replace a file of the same ID.

        The server replaces a file only by one of the same group, page and media type. It cannot
        point to a file of the whole work: `save` logs a warning.

        Raises:
            MetsError: an ID is not allowed, or the ID is that of a file that the server cannot
                replace by this one.
        """
        _check(file)
        for there in self._stored(file.id):
            if _relation(there) != _relation(file):
                # Where only the group differs, the server would list both.
                raise MetsError(
                    f"file {file.id} ({', '.join(_relation(file))}) cannot be added: METS server"
                    f" {self._transport.address.url} has it as {', '.join(_relation(there))} and"
                    " can replace a file by one of the same group, page and media type only"
                )
        data = {
            "file_grp": file.group,
            "file_id": file.id,
            "page_id": file.page_id,
            "mimetype": file.mimetype,
            "url": file.url,
            "local_filename": file.path,
            # Always, so that the request may be repeated: it may replace its own result.
            "force": "true",
        }
        given = {key: value for key, value in data.items() if value}
        self._transport.ask(Request(f"add file {file.id}", "POST", "file", "form", given))
        self._removed.discard((file.group, file.id))
        if file.of_work:
            self._not_pointed_to.append(file.id)
        if file.group not in (self._known("file_groups") or ()) or (
            file.page_id and file.page_id not in (self._known("physical_pages") or ())
        ):
            self._state = object()

    def set_path(self, identifier: str, path: str, group: str = "") -> None:
        """Enter the path of a file that was only at a URL so far, if it is listed.

        The file is there in any case, and a server that cannot record that need not end a run.
        """
        for file in self._stored(identifier, group):
            try:
                self.add_file(replace(file, path=path))
            except MetsServerError:
                raise
            except MetsError as error:
                LOG.warning("%s is not entered in the METS: %s", path, error)

    def remove_file(self, identifier: str, group: str = "") -> None:
        """Hide a file's entry until it is added again.

        The server cannot remove files. Adding the file again replaces the entry; for any other,
        `save` logs a warning that it stays in the METS.
        """
        self._removed.update((file.group, file.id) for file in self._stored(identifier, group))

    def add_agent(self, agent: Agent) -> None:
        """Record a processing step in the header, after the others."""
        data = {
            "name": agent.name,
            "type": "OTHER",
            "othertype": "SOFTWARE",
            "role": "OTHER",
            "otherrole": agent.role,
            "notes": [
                [{"option": option}, xml.clean_text(value) or None]
                for option, value in agent.notes.items()
            ],
        }
        purpose = f"record the processing step {agent.name}"
        self._transport.ask(Request(purpose, "POST", "agent", "class", data, repeatable=False))

    def agents(self) -> list[Agent]:
        """Return the processing steps that the server has in the header now, in their order."""
        request = Request("list the processing steps", "GET", "agent")
        answer = self._transport.ask(request)
        try:
            return [_describe_agent(entry) for entry in answer["agents"]]
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise self._transport.unexpected(request, answer) from error

    def save(self) -> None:
        """Make the server write the METS file; warn of entries that it could not remove."""
        self._transport.ask(Request("save the METS", "PUT", "", answer="text"))
        stale = sorted(self._removed - self._reported)
        if stale:
            self._reported.update(stale)
            LOG.warning(
                "METS server %s cannot remove files: %d stay listed in the METS (%s%s);"
                " stop the server and remove them with: ocrd workspace -d %s remove -f ID …",
                self._transport.address.url,
                len(stale),
                ", ".join(identifier for _, identifier in stale[:5]),
                " …" if len(stale) > 5 else "",
                self._transport.directory,
            )
        if self._not_pointed_to:
            LOG.warning(
                "METS server %s lists %s, but cannot enter a pointer of the whole work; stop it,"
                " and repeat the command with --resume and without -U",
                self._transport.address.url, ", ".join(self._not_pointed_to),
            )  # fmt: skip
            self._not_pointed_to.clear()


def _check(file: MetsFile) -> None:
    """Reject a file that the server would half enter into the METS before it fails.

    Raises:
        MetsError: an ID or another value is not allowed.
    """
    check_id(file.id, "file ID")
    check_id(file.group, "file group")
    if not file.mimetype:
        raise MetsError(f"file {file.id} has no media type: a METS server does not accept it")
    for value in (file.page_id, file.mimetype, file.path, file.url):
        if xml.clean_text(value) != value:
            raise MetsError(f"file {file.id}: there are control characters in {value!r}")
    if '"' in file.page_id:
        raise MetsError(f"file {file.id}: there is a quotation mark in page ID '{file.page_id}'")


def _relation(file: MetsFile) -> tuple[str, str, str]:
    """Return the values that the server compares before it replaces a file."""
    return file.group, file.page_id or "no page", file.mimetype


def _describe(entry: Mapping[str, Any]) -> MetsFile:
    """Return the file that an entry of the server's list describes.

    Raises:
        KeyError, TypeError, AttributeError: it is not such an entry.
        MetsError: it contains control characters.
    """
    locations = [(entry["local_filename"] or "", "OTHER", "FILE"), (entry["url"] or "", "URL", "")]
    path, url = sort_out(locations)
    return checked_file(
        MetsFile(
            id=str(entry["file_id"]),
            group=str(entry["file_grp"]),
            page_id=str(entry["page_id"] or ""),
            mimetype=str(entry["mimetype"] or ""),
            path=path,
            url=url,
        )
    )


def _describe_agent(entry: Mapping[str, Any]) -> Agent:
    """Return the processing step that an entry of the server's list describes.

    Raises:
        KeyError, TypeError, AttributeError, ValueError: it is not such an entry.
    """
    notes: dict[str, str] = {}
    for attributes, text in entry["notes"] or ():
        # It takes the option's bare name, and returns it with the namespace before it.
        option = next((v for k, v in attributes.items() if k.rpartition("}")[2] == "option"), "")
        notes[str(option)] = str(text or "")
    return Agent(str(entry["name"] or ""), str(entry["otherrole"] or entry["role"] or ""), notes)
