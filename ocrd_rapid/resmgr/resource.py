# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""One entry of a resource database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urldefrag, urlsplit

from ..addresses import redact, scrub
from ..errors import ConfigurationError

#: What core writes when it does not know a URL.
UNKNOWN_URL = "???"

#: What stands for the URL of a resource that is in the package: the location where it is.
MODULE_URL = "module"

#: Sizes of models in order of preference, where nobody chooses.
MODEL_TYPES = ("small", "mobile", "medium", "server", "tiny")

#: Longest name, in bytes: our own files add to it, and a file system allows 255.
_LONGEST_NAME = 150
#: No resource has more bytes.
_LARGEST = 10**18


def check_name(name: str, what: str = "a resource") -> None:
    """Check that a name is a valid file name, here and elsewhere, and nothing else.

    Args:
        name: of a resource or a processor.
        what: whose name it is, for the message.

    Raises:
        ConfigurationError: it is not.
    """
    problem = ""
    if not name.strip():
        problem = "it is empty"
    elif name in (".", "..") or "/" in name or "\\" in name:
        problem = "it must not contain directories"
    elif name.startswith("-"):
        problem = "commands would take it for an option"
    elif not name.isprintable() or name != name.strip():
        problem = "it contains invisible characters"
    elif len(name.encode("utf-8")) > _LONGEST_NAME:
        problem = f"it is longer than {_LONGEST_NAME} bytes"
    if problem:
        shown = name if len(name) <= 60 else f"{name[:60]}…"
        raise ConfigurationError(f"{shown!r} is not the name of {what}: {problem}")


@dataclass(frozen=True)
class Resource:
    """A model, key file or preset that a processor can use.

    Attributes:
        executable: the processor whose resource it is, such as ``ocrd-rapid-detect``.
        name: its file name, by which it is installed and referred to.
        url: its first source: ``https:``, ``http:``, ``file:``, ``pypi:`` or a local path.
        description: one sentence for people.
        size: bytes; 0 means unknown.
        type: ``file``, ``directory`` or ``archive``.
        parameter_usage: ``as-is`` or ``without-extension``.
        path_in_archive: what to take out of an archive.
        version_range: versions of the processor it works with.
        sha256: hex digest of the content, empty if unknown.
        mirrors: further sources of the same content.
        licence: SPDX identifier.
        languages: codes of the languages that a model can read, in RapidOCR's vocabulary.
        engines: inference engines that can run it.
        version: the generation of the model, such as ``PP-OCRv6``.
        model_type: its size, one of `MODEL_TYPES`.
        keys: the name of the key file that belongs to a recognition model.
        original: the name of the resource that it was made of and stands for; empty for most.
        address: the source in place of ``url``, if that was given with secrets; never written
            anywhere.
    """

    executable: str
    name: str
    url: str
    description: str = ""
    size: int = 0
    type: str = "file"
    parameter_usage: str = "as-is"
    path_in_archive: str = "."
    version_range: str = ">= 0.0.1"
    sha256: str = ""
    mirrors: tuple[str, ...] = ()
    licence: str = ""
    languages: tuple[str, ...] = field(default=(), repr=False)
    engines: tuple[str, ...] = ()
    version: str = ""
    model_type: str = ""
    keys: str = ""
    original: str = ""
    address: str = field(default="", repr=False, compare=False)

    @classmethod
    def from_mapping(cls, executable: str, entry: Mapping[str, Any]) -> Resource:
        """Read an entry of ``resource_list.yml``, ``ocrd-tool.json`` or a user database.

        A hash may stand in ``sha256`` or in the URL's fragment ``#sha256=…``.

        Raises:
            ConfigurationError: the entry has no URL or no name.
        """
        try:
            url, fragment = _split_fragment(str(entry["url"]))
            name = str(entry.get("name") or PurePosixPath(urlsplit(url).path).name)
        except (KeyError, TypeError) as error:
            raise ConfigurationError(f"resource entry of {executable} without url: {entry}") from (
                error
            )
        except ValueError as error:
            raise ConfigurationError(
                f"malformed address {redact(str(entry['url']))}: {scrub(str(error))}"
            ) from None
        digest = str(entry.get("sha256") or "")
        if not digest and fragment.startswith("sha256="):
            digest = fragment.removeprefix("sha256=")
        return cls(
            executable=executable,
            name=name,
            url=url,
            description=str(entry.get("description") or ""),
            size=_size(entry.get("size")),
            type=str(entry.get("type") or "file"),
            parameter_usage=str(entry.get("parameter_usage") or "as-is"),
            path_in_archive=str(entry.get("path_in_archive") or "."),
            version_range=str(entry.get("version_range") or ">= 0.0.1"),
            sha256=digest.lower(),
            mirrors=tuple(map(str, entry.get("mirrors") or ())),
            licence=str(entry.get("licence") or ""),
            languages=tuple(map(str, entry.get("languages") or ())),
            engines=tuple(map(str, entry.get("engine") or ())),
            version=str(entry.get("version") or ""),
            model_type=str(entry.get("model_type") or ""),
            keys=str(entry.get("keys") or ""),
            original=str(entry.get("original") or ""),
        )

    @property
    def sources(self) -> tuple[str, ...]:
        """All sources in the order in which they are tried."""
        first = self.address or self.url
        nowhere = (UNKNOWN_URL, MODULE_URL)
        return tuple(url for url in (first, *self.mirrors) if url not in nowhere)

    def sources_with(self, mirror: str) -> tuple[str, ...]:
        """Return the sources with a mirror before them.

        Args:
            mirror: URL or directory that holds ``EXECUTABLE/NAME`` or ``NAME``; may be empty.
        """
        if not mirror:
            return self.sources
        base = mirror.rstrip("/")
        return (f"{base}/{self.executable}/{self.name}", f"{base}/{self.name}", *self.sources)

    @property
    def in_package(self) -> bool:
        """Whether it is a file of the package, which nobody can download."""
        return self.url == MODULE_URL and not self.address

    @property
    def url_with_hash(self) -> str:
        """The URL with the hash as a fragment (never sent): core's schema has no other place.

        Only web addresses have fragments: core would take one for a part of a path.
        """
        if self.sha256 and self.url.lower().startswith(("http://", "https://")):
            return f"{self.url}#sha256={self.sha256}"
        return self.url

    @property
    def parameter_value(self) -> str:
        """The name of the resource in a parameter."""
        if self.parameter_usage == "without-extension":
            return self.name.rsplit(".", 1)[0]
        return self.name

    def to_core(self) -> dict[str, Any]:
        """Return the entry in the schema of OCR-D core, which allows exactly these keys."""
        return {
            "url": self.url_with_hash,
            "name": self.name,
            "description": self.description,
            "size": self.size,
            "type": self.type,
            "parameter_usage": self.parameter_usage,
            "path_in_archive": self.path_in_archive,
            "version_range": self.version_range,
        }


def _size(value: Any) -> int:
    """Return a size; raise `ValueError` for an impossible one, as `int` does."""
    number = int(value or 0)
    if not 0 <= number <= _LARGEST:
        raise ValueError(f"{str(value)[:40]} bytes is not a possible size")
    return number


def _split_fragment(url: str) -> tuple[str, str]:
    """Split a URL at its fragment; in a plain path, ``#`` is a character like any other."""
    if "://" in url:
        return urldefrag(url)
    plain, separator, fragment = url.rpartition("#")
    return (plain, fragment) if separator and fragment.startswith("sha256=") else (url, "")
