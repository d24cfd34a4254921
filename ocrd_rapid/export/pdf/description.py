# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What a PDF says about itself: metadata, language, and that it is PDF/A."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...ocr.page_model import ReadDocument
from ..document_dates import document_date
from .srgb import srgb_profile
from .tags import is_tagged

if TYPE_CHECKING:
    import pikepdf

#: Entries of the dictionary of document information by the names of their properties in XMP.
_PROPERTIES = {
    "/Author": "dc:creator",
    "/CreationDate": "xmp:CreateDate",
    "/Creator": "xmp:CreatorTool",
    "/Keywords": "pdf:Keywords",
    "/ModDate": "xmp:ModifyDate",
    "/Producer": "pdf:Producer",
    "/Subject": "dc:description",
    "/Title": "dc:title",
}


def describe(
    pdf: pikepdf.Pdf, document: ReadDocument, language: str, generator: str, *, new: bool
) -> None:
    """Set the metadata of a document; what is not known stays as it is.

    Language and title are told, as far as they are known, where the tags are ours.

    Args:
        pdf: the document.
        document: what is known about it.
        language: its language (BCP 47), ``und`` if unknown.
        generator: the program that makes it.
        new: whether it is made of images, and not a PDF that has got text.
    """
    from pikepdf import Dictionary, String

    date = document_date(document)
    with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
        # pikepdf removes what is only in the older of the two places for metadata.
        only_there = {
            entry: pdf.docinfo[entry]
            for entry, name in _PROPERTIES.items()
            if entry in pdf.docinfo and not metadata.get(name)
        }
        metadata.load_from_docinfo(Dictionary(only_there))
        if document.title or not metadata.get("dc:title"):
            metadata["dc:title"] = document.title or document.name
        if document.author:
            metadata["dc:creator"] = [document.author]
        if document.subject:
            metadata["dc:description"] = document.subject
        if document.keywords:
            metadata["pdf:Keywords"] = document.keywords
        if language != "und" and not metadata.get("dc:language"):
            metadata["dc:language"] = list(document.languages) or [language]
        if generator and not metadata.get("pdf:Producer"):
            metadata["pdf:Producer"] = generator
        if new and generator:
            metadata["xmp:CreatorTool"] = generator
        if new and date:
            metadata["xmp:CreateDate"] = metadata["xmp:ModifyDate"] = date.isoformat()
    told = new or (not is_tagged(pdf) and "/StructTreeRoot" in pdf.Root)
    if "/Lang" not in pdf.Root and (told or language != "und"):
        pdf.Root.Lang = String(language)
    if not told:
        return
    preferences = pdf.Root.get("/ViewerPreferences")
    if preferences is None:
        preferences = pdf.Root.ViewerPreferences = Dictionary()
    preferences.DisplayDocTitle = True


def declare_archival(pdf: pikepdf.Pdf) -> str:
    """Declare a document as PDF/A-2b, or 3b if it was that; return which.

    Its colours without a profile are sRGB from now on.
    """
    from pikepdf import Array, Dictionary, Name, String

    if "/OutputIntents" not in pdf.Root:
        profile = pdf.make_stream(srgb_profile(), N=3)
        intent = Dictionary(
            Type=Name.OutputIntent,
            S=Name.GTS_PDFA1,
            OutputConditionIdentifier=String("sRGB"),
            Info=String("sRGB"),
            DestOutputProfile=profile,
        )
        pdf.Root.OutputIntents = Array([pdf.make_indirect(intent)])
    with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
        part = "3" if metadata.get("pdfaid:part") == "3" else "2"
        metadata["pdfaid:part"] = part
        metadata["pdfaid:conformance"] = "B"
    return f"{part}b"


def withdraw_archival(pdf: pikepdf.Pdf, *, intent: bool) -> None:
    """Take back what `declare_archival` has done.

    Args:
        pdf: the document.
        intent: whether the document had no output intent before.
    """
    if intent:
        del pdf.Root["/OutputIntents"]
    with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
        for key in ("pdfaid:part", "pdfaid:conformance"):
            if key in metadata:
                del metadata[key]
