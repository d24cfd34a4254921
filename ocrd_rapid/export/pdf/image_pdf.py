# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A PDF of images, written to a file page by page, so that none of them stays in memory."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from types import TracebackType

from .image_streams import ImageStream
from .layer import number

#: How an image is shown in the unit square, by EXIF's orientation: operands of ``cm``.
_SHOWN = {
    1: "",
    2: "-1 0 0 1 1 0 cm ",
    3: "-1 0 0 -1 1 1 cm ",
    4: "1 0 0 -1 0 1 cm ",
    5: "0 -1 -1 0 1 1 cm ",
    6: "0 -1 1 0 0 1 cm ",
    7: "0 1 1 0 0 0 cm ",
    8: "0 1 -1 0 1 0 cm ",
}

#: The sides of a page that PDF/A and viewers allow, in points.
_SIDES = (3.0, 14400.0)

#: Sides of pages are multiples of this, which single precision holds exactly.
_GRAIN = 1 / 64
#: Images are drawn smaller than their page by this share, so that viewers do not round up what
#: they cover to one pixel more, and interpolate all others.
_SHRUNK = 1e-6

_CATALOG, _PAGES = 1, 2


class ImagePdf:
    """Writes a PDF with an image on each page.

    Attributes:
        path: the file.
        count: number of its pages so far.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._file = path.open("wb")
        self._offsets: dict[int, int] = {}
        self._kids: list[int] = []
        self._profiles: dict[bytes, int] = {}
        self._next = _PAGES + 1
        self._file.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def __enter__(self) -> ImagePdf:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._file.close()

    def add(self, image: ImageStream | None, size: tuple[float, float]) -> None:
        """Add a page that an image fills.

        Args:
            image: the image; ``None`` for an empty page.
            size: width and height of the page in points.
        """
        width, height = (number(side, 6) for side in size)
        resources, content = "<<>>", b""
        if image is not None:
            resources = f"<</XObject<</Im {self._image(image)} 0 R>>>>"
            shown = _SHOWN[image.orientation]
            drawn_width, drawn_height = (number(side * (1 - _SHRUNK), 6) for side in size)
            content = f"q {drawn_width} 0 0 {drawn_height} 0 0 cm {shown}/Im Do Q".encode("ascii")
        contents = self._object("", content)
        self._kids.append(
            self._object(
                f"/Type/Page/Parent {_PAGES} 0 R/MediaBox[0 0 {width} {height}]"
                f"/Resources{resources}/Contents {contents} 0 R"
            )
        )
        self.count += 1

    def _image(self, image: ImageStream) -> int:
        space = image.space
        if image.profile and not image.palette:
            key = sha256(image.profile).digest()
            if key not in self._profiles:
                entries = f"/N {image.components}/Alternate{space}"
                self._profiles[key] = self._object(entries, image.profile)
            space = f"[/ICCBased {self._profiles[key]} 0 R]"
        return self._object(
            f"/Type/XObject/Subtype/Image/Width {image.width}/Height {image.height}"
            f"/ColorSpace{space if space.startswith(('/', '[')) else f' {space}'}{image.entries}",
            image.data,
        )

    def _object(self, entries: str, data: bytes | None = None, own: int = 0) -> int:
        """Write a dictionary, or a stream with it; return its number."""
        identity = own or self._next
        self._next += not own
        self._offsets[identity] = self._file.tell()
        length = "" if data is None else f"/Length {len(data)}"
        self._file.write(f"{identity} 0 obj\n<<{entries}{length}>>\n".encode("ascii"))
        if data is not None:
            self._file.write(b"stream\n")
            self._file.write(data)
            self._file.write(b"\nendstream\n")
        self._file.write(b"endobj\n")
        return identity

    def _finish(self) -> None:
        kids = " ".join(f"{kid} 0 R" for kid in self._kids)
        self._object(f"/Type/Pages/Kids[{kids}]/Count {self.count}", own=_PAGES)
        self._object(f"/Type/Catalog/Pages {_PAGES} 0 R", own=_CATALOG)
        start = self._file.tell()
        rows = [b"%010d 00000 n \n" % self._offsets[i] for i in range(1, self._next)]
        self._file.write(b"xref\n0 %d\n0000000000 65535 f \n" % self._next + b"".join(rows))
        trailer = (
            f"trailer\n<</Size {self._next}/Root {_CATALOG} 0 R>>\nstartxref\n{start}\n%%EOF\n"
        )
        self._file.write(trailer.encode("ascii"))


def page_size(width: int, height: int, dpi: float | None) -> tuple[float, float]:
    """Return the size of the page of an image in points.

    Args:
        width: width of the image as shown, in pixels.
        height: height of the image as shown, in pixels.
        dpi: its resolution; ``None`` if there is no credible one: then the long side is that of
            a sheet of A4.
    """
    scale = 72 / dpi if dpi else 297 / 25.4 * 72 / max(width, height)
    scale = min(scale, _SIDES[1] / max(width, height))
    wide, high = (max(round(side * scale / _GRAIN) * _GRAIN, _SIDES[0]) for side in (width, height))
    # At as many pixels as the image has, a viewer must not round up to one more.
    while width / wide * wide > width:
        wide += _GRAIN
    while high > _SIDES[0] and high * (width / wide) > height:
        high -= _GRAIN
    return wide, high
