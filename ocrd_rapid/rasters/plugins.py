# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Pillow's decoders, called by their classes.

``Image.open`` asks one decoder after another, including those that others have registered, and
checks the size against a limit in a global variable of Pillow. Our limit is checked in `opening`;
the variable belongs to the program that uses us, and is neither changed nor heeded.
"""

from __future__ import annotations

import importlib
from typing import IO, Any, cast

from PIL import Image, ImageFile
from PIL.TiffImagePlugin import TiffImageFile

from .formats import FORMATS, Format


class _Tiff(TiffImageFile):
    """A TIFF whose memory is taken regardless of Pillow's limit."""

    def load_prepare(self) -> None:
        # Pillow before 11 had neither of the two, nor the check.
        attributes: dict[str, Any] = vars(self)
        if attributes.get("_im", self) is None and "_tile_size" in attributes:
            self.im = Image.new(self.mode, self._tile_size, None).im
        super().load_prepare()


def decoder(kind: Format, stream: IO[bytes]) -> ImageFile.ImageFile | None:
    """Return the image of a file with its header read; ``None`` if Pillow is built without it.

    Raises:
        Exception: anything, if the file is damaged.
    """
    image_class = _image_class(kind)
    if image_class is None:
        return None
    return (_Tiff if image_class is TiffImageFile else image_class)(stream)


def is_foreign(image: Image.Image) -> bool:
    """Return whether the decoder of an image is Pillow's, but not one of ours.

    Decoders that other packages have registered with Pillow are the affair of who installed them.
    """
    known = tuple(filter(None, map(_image_class, FORMATS)))
    return type(image).__module__.startswith("PIL.") and not isinstance(image, known)


def _image_class(kind: Format) -> type[ImageFile.ImageFile] | None:
    try:
        module = importlib.import_module(f"{kind.package}.{kind.plugin}")
    except ImportError:
        return None
    if not getattr(module, "SUPPORTED", True):
        return None
    return cast("type[ImageFile.ImageFile]", getattr(module, kind.image_class))
