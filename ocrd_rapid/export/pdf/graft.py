# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A text layer put into a page of a PDF, whose own content, boxes and annotations stay."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ...documents.pdf_geometry import DisplayedPage, displayed_page, pdf_matrix
from ...transforms import Transform, rotation, shift
from .invisible_text import remove_invisible_text
from .layer import number

if TYPE_CHECKING:
    import pikepdf

    from .page_layer import PageLayer

#: The name of the font in the resources of a page; in layers it is ``F``.
_FONT = "/F"

#: What is around the own content of a page, which may end with states that are not restored.
_BEFORE, _AFTER = b"/Artifact BMC q", b"Q EMC"
_BEFORE_UNTAGGED, _AFTER_UNTAGGED = b"q", b"Q"


@dataclass(frozen=True)
class Placement:
    """How a layer is put into a page.

    Attributes:
        width: width of the displayed page in pixels.
        height: its height in pixels.
        skew: the clockwise rotation, in degrees, that the page is straightened by.
        turn: the clockwise rotation, in degrees, that is added to ``/Rotate``.
        replace: whether the invisible text of the page is removed.
        unseen: then of each text that pdfium finds on the page, whether it is not seen either.
        tagged: whether the page gets tags, and its own content is none of them.
    """

    width: int
    height: int
    skew: float = 0.0
    turn: int = 0
    replace: bool = False
    unseen: tuple[bool, ...] = ()
    tagged: bool = True


class Grafter:
    """Puts layers into the pages of a document."""

    def __init__(self, pdf: pikepdf.Pdf, font: pikepdf.Object) -> None:
        """Take a document.

        Args:
            pdf: the document.
            font: the font of all layers, as an object of the document.
        """
        self._pdf = pdf
        self._font = font

    @cached_property
    def _around(self) -> dict[bytes, Any]:
        """The streams that are alike on all pages."""
        parts = (_BEFORE, _AFTER, _BEFORE_UNTAGGED, _AFTER_UNTAGGED, b"Q")
        return {part: self._pdf.make_stream(part) for part in parts}

    def graft(self, page: pikepdf.Page, layer: PageLayer, placement: Placement) -> None:
        """Put a layer into a page.

        Args:
            page: a page of the document.
            layer: what is drawn on it.
            placement: how.
        """
        from pikepdf import Array

        shown = displayed_page(page)
        if placement.replace:
            remove_invisible_text(self._pdf, page, placement.unseen)
        own = _streams(page)
        if placement.skew and own:
            own.insert(0, self._plain(f"{_operands(turning(shown, placement.skew))} cm"))
        before, after = (
            (_BEFORE, _AFTER) if placement.tagged else (_BEFORE_UNTAGGED, _AFTER_UNTAGGED)
        )
        if own:
            own = [self._around[before], *own, self._around[after]]
        text = self._placed(layer.text, shown, placement)
        if text:
            name = self._named(page)
            text[0] = self._plain(f"q {_operands(to_user(shown, placement))} cm")
            if name != _FONT:
                data = zlib.decompress(layer.text).replace(b"/F ", f"{name} ".encode("ascii"))
                text[1] = self._packed(zlib.compress(data, 9))
        page.obj.Contents = Array([*text, *own, *self._placed(layer.outlines, shown, placement)])
        if placement.turn:
            page.obj.Rotate = (shown.rotate + placement.turn) % 360

    def show_image(self, page: pikepdf.Page, image: pikepdf.Object) -> None:
        """Show an image in place of the content of a page; its annotations stay.

        Args:
            page: a page of the document.
            image: an image XObject of the document, of the displayed page.
        """
        from pikepdf import Dictionary

        shown = displayed_page(page)
        # Images are drawn in the unit square, with their first row above.
        square = shown.to_user(1, 1) @ shift(0, 1) @ _mirrored()
        page.obj.Contents = self._plain(f"q {_operands(square)} cm /Im Do Q")
        page.obj.Resources = Dictionary(XObject=Dictionary(Im=image))

    def _placed(self, data: bytes, shown: DisplayedPage, placement: Placement) -> list[Any]:
        """Return streams with operators in the space of displayed pixels; none for no data."""
        if not data:
            return []
        matrix = f"q {_operands(to_user(shown, placement))} cm"
        return [self._plain(matrix), self._packed(data), self._around[b"Q"]]

    def _named(self, page: pikepdf.Page) -> str:
        """Enter the font into the resources of a page, its own then; return its name."""
        from pikepdf import Dictionary

        resources = Dictionary(dict(page.resources.items()))
        known = resources.get("/Font")
        fonts = Dictionary(dict(known.items()) if isinstance(known, Dictionary) else {})
        name = _FONT
        while name in fonts and fonts[name].objgen != self._font.objgen:
            name += "1"
        fonts[name] = self._font
        resources.Font = fonts
        page.obj.Resources = resources
        return name

    def _plain(self, text: str) -> pikepdf.Stream:
        return self._pdf.make_stream(text.encode("ascii"))

    def _packed(self, data: bytes) -> pikepdf.Stream:
        from pikepdf import Name

        return self._pdf.make_stream(data, Filter=Name.FlateDecode)


def to_user(shown: DisplayedPage, placement: Placement) -> Transform:
    """Return the transform from the space of a layer to user space."""
    return (
        shown.to_user(placement.width, placement.height) @ shift(0, placement.height) @ _mirrored()
    )


def turning(shown: DisplayedPage, degrees: float) -> Transform:
    """Return the transform of user space that turns a page clockwise about its centre."""
    left, bottom, right, top = shown.box
    x, y = (left + right) / 2, (bottom + top) / 2
    turn, _ = rotation(-degrees, 0, 0)
    return shift(x, y) @ turn @ shift(-x, -y)


def _streams(page: pikepdf.Page) -> list[Any]:
    """Return the streams of the content of a page."""
    from pikepdf import Array

    contents = page.obj.get("/Contents")
    if contents is None:
        return []
    return list(contents) if isinstance(contents, Array) else [contents]


def _mirrored() -> Transform:
    import numpy as np

    return np.diag([1.0, -1.0, 1.0])


def _operands(transform: Transform) -> str:
    return " ".join(number(value, 5) for value in pdf_matrix(transform))
