# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Changes to a METS as plain data, so that they can be made to another state of it, too."""

from __future__ import annotations

from dataclasses import dataclass

from .contents import Agent, MetsFile


@dataclass(frozen=True, slots=True)
class AddFile:
    """A file was added or replaced."""

    file: MetsFile


@dataclass(frozen=True)
class SetPath:
    """A file that was only at a URL is now here; without a group, whichever has this ID."""

    identifier: str
    path: str
    group: str = ""


@dataclass(frozen=True)
class RemoveFile:
    """A file was removed; without a group, all that have this ID."""

    identifier: str
    group: str = ""


@dataclass(frozen=True)
class RemoveGroup:
    """A file group that was empty was removed."""

    name: str


@dataclass(frozen=True)
class AddAgent:
    """A processing step was recorded."""

    agent: Agent


@dataclass(frozen=True)
class SetIdentifier:
    """The work got another identifier."""

    value: str


Change = AddFile | SetPath | RemoveFile | RemoveGroup | AddAgent | SetIdentifier
