# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""PDF files: opened, decrypted, repaired as far as possible, or refused with one reason."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..config.extras import required
from ..errors import InputError
from .document import DocumentOptions
from .pdfium import LOCK, PdfiumFile
from .temporary import TemporaryFolder

#: Bytes among which the mark of a PDF must be.
HEAD = 1024

_MARK = b"%PDF-"

#: Levels of form fields that are looked into.
_DEEPEST = 20

_DATE = re.compile(
    r"(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:(Z)|([+-])(\d\d)'?(\d\d)?'?)?.*"
)


@dataclass(frozen=True)
class PdfFacts:
    """What a PDF says of itself.

    Attributes:
        title: its title; this and the others are empty if unknown.
        author: its author.
        subject: its subject.
        keywords: its keywords.
        language: its language (BCP 47).
        created: its date as ISO 8601.
    """

    title: str = ""
    author: str = ""
    subject: str = ""
    keywords: str = ""
    language: str = ""
    created: str = ""


def is_pdf(head: bytes) -> bool:
    """Return whether a file that begins with these `HEAD` bytes is a PDF."""
    return _MARK in head[:HEAD]


class PdfFile:
    """An open PDF; threads may share it."""

    def __init__(self, path: Path, options: DocumentOptions, folder: TemporaryFolder) -> None:
        """Open a PDF.

        Args:
            path: the file.
            options: how it is opened.
            folder: where a copy is put if one is needed.

        Raises:
            InputError: it cannot be read, needs another password, or must not be changed.
            MissingExtraError: pikepdf or pypdfium2 is not installed.
        """
        self.path = path
        self._folder = folder
        self._pdf, self._needs_password = _opened(path, options.password)
        try:
            self.page_count = _checked_pages(self._pdf, path)
            self.is_encrypted = bool(self._pdf.is_encrypted)
            self.is_damaged = bool(self._pdf.get_warnings())
            if self.is_damaged and not _ends(path) and _lacks_parts(self._pdf):
                raise InputError(f"{path} is truncated: parts of its pages are missing")
            if _is_dynamic_form(self._pdf):
                raise InputError(
                    f"{path} is a dynamic XFA form (Adobe LiveCycle), which has no pages to read;"
                    " print it to a PDF with Adobe Reader"
                )
            if options.layered and not options.break_signature and _is_signed(self._pdf):
                raise InputError(
                    f"{path} has a digital signature, which a text layer would break;"
                    " --break-signature does it all the same"
                )
            self.facts = _facts(self._pdf)
            self.pdfium = self._in_pdfium(options.password)
        except BaseException:
            self._pdf.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self.pdfium.close()
        with LOCK:
            self._pdf.close()

    @contextlib.contextmanager
    def page(self, index: int) -> Iterator[Any]:
        """Return a page as pikepdf has it; other threads wait until it is no longer used."""
        with LOCK:
            yield self._pdf.pages[index]

    @property
    def plain(self) -> Path:
        """The file, or a copy without password and damage.

        Raises:
            OSError: the copy cannot be written.
        """
        if not (self._needs_password or self.is_damaged):
            return self.path
        with LOCK:
            return self._folder.once(
                f"{self.path.stem}.pdf", self, lambda copy: self._pdf.save(copy)
            )

    def _in_pdfium(self, password: str | None) -> PdfiumFile:
        """Open the file with pdfium; a copy if pdfium sees other pages in it, or none."""
        with contextlib.suppress(InputError):
            opened = PdfiumFile(self.path, password)
            if len(opened) == self.page_count:
                return opened
            opened.close()
        self.is_damaged = True
        opened = PdfiumFile(self.plain)
        if len(opened) != self.page_count:
            opened.close()
            raise InputError(f"{self.path} is damaged: its pages cannot be told")
        return opened


def _opened(path: Path, password: str | None) -> tuple[Any, bool]:
    """Open a file with pikepdf; also return whether it needs the password.

    Raises:
        InputError: it cannot be read.
    """
    pikepdf = required("pikepdf", "pdf")
    try:
        try:
            return pikepdf.open(path), False
        except pikepdf.PasswordError:
            if password is None:
                raise
            return pikepdf.open(path, password=password), True
    except pikepdf.PasswordError as error:
        wrong = "the password is wrong; it is encrypted" if password else "it is encrypted"
        raise InputError(
            f"{path} cannot be read: {wrong}; give its password with --password, or decrypt it:"
            f" qpdf --password=… --decrypt {path.name} decrypted.pdf"
        ) from error
    except (pikepdf.PdfError, OSError, RuntimeError) as error:
        if not _ends(path):
            raise InputError(f"{path} is truncated") from error
        reason = " ".join(str(error).split()).removeprefix(f"{path}: ")
        raise InputError(f"{path} is damaged and cannot be read: {reason}") from error


def _ends(path: Path) -> bool:
    """Return whether a file has the mark of its end."""
    try:
        with path.open("rb") as file:
            file.seek(max(path.stat().st_size - HEAD, 0))
            return b"%%EOF" in file.read()
    except OSError:
        return False


def _checked_pages(pdf: Any, path: Path) -> int:
    try:
        count = len(pdf.pages)
    except Exception as error:  # the tree of pages may be anything
        raise InputError(f"{path} is damaged and cannot be read: {error}") from error
    if not count:
        raise InputError(f"{path} has no pages")
    return count


def _lacks_parts(pdf: Any) -> bool:
    """Return whether the content of a page, or an image that it names, is not in the file."""
    for page in pdf.pages:
        contents = page.obj.get("/Contents")
        if contents is None:
            return True
        resources = page.obj.get("/Resources")
        images: Any = resources.get("/XObject") if hasattr(resources, "get") else None
        if hasattr(images, "values") and any(image is None for image in images.values()):
            return True
    return False


def _is_dynamic_form(pdf: Any) -> bool:
    """Return whether its pages are only made by a program for XFA forms."""
    return bool(pdf.Root.get("/NeedsRendering", False))


def _is_signed(pdf: Any) -> bool:
    if "/Perms" in pdf.Root and "/DocMDP" in pdf.Root.Perms:
        return True
    form = pdf.Root.get("/AcroForm")
    fields = form.get("/Fields") if hasattr(form, "get") else None
    return any(_has_signature(field, None, 0) for field in _items(fields))


def _has_signature(field: Any, kind: Any, depth: int) -> bool:
    if not hasattr(field, "get") or depth > _DEEPEST:
        return False
    kind = field.get("/FT", kind)
    if kind == "/Sig" and field.get("/V") is not None:
        return True
    return any(_has_signature(kid, kind, depth + 1) for kid in _items(field.get("/Kids")))


def _items(value: Any) -> list[Any]:
    try:
        return list(value or ())
    except (TypeError, ValueError):
        return []


def _facts(pdf: Any) -> PdfFacts:
    try:
        info = dict(pdf.docinfo) if "/Info" in pdf.trailer else {}
    except (TypeError, ValueError, KeyError):  # not a dictionary
        info = {}
    metadata = _metadata(pdf)

    def said(key: str, name: str) -> str:
        value = info.get(key)
        return _clean("" if value is None else str(value)) or _clean(metadata.get(name, ""))

    return PdfFacts(
        said("/Title", "dc:title"),
        said("/Author", "dc:creator"),
        said("/Subject", "dc:description"),
        said("/Keywords", "pdf:Keywords"),
        _clean(str(pdf.Root.get("/Lang", ""))),
        _iso_date(str(info.get("/CreationDate", ""))) or _clean(metadata.get("xmp:CreateDate", "")),
    )


def _metadata(pdf: Any) -> dict[str, str]:
    """Return the XMP metadata; several values of a name with semicolons between."""
    try:
        with pdf.open_metadata(update_docinfo=False, set_pikepdf_as_editor=False) as metadata:
            return {
                name: value if isinstance(value, str) else "; ".join(map(str, value))
                for name in ("dc:title", "dc:creator", "dc:description", "pdf:Keywords",
                             "xmp:CreateDate")
                if (value := metadata.get(name))
            }  # fmt: skip
    except Exception:  # damaged XML, which says nothing about the pages
        return {}


def _clean(text: str) -> str:
    """Return a text without what no output can hold: control characters, half characters."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return " ".join("".join(c if c.isprintable() else " " for c in whole).split())


def _iso_date(text: str) -> str:
    """Return a date such as ``D:20180326015211-07'00'`` as ISO 8601; empty if it is none."""
    found = _DATE.fullmatch(text.strip())
    if found is None:
        return ""
    year, month, day, hour, minute, second, utc, sign, zone, zone_minutes = found.groups()
    date = f"{year}-{month or '01'}-{day or '01'}"
    if hour is None:
        return date
    offset = f"{sign}{zone}:{zone_minutes or '00'}" if sign else ("Z" if utc else "")
    return f"{date}T{hour}:{minute or '00'}:{second or '00'}{offset}"
