# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""From the image of a page to its regions, by a layout model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ...errors import ModelError
from ...inference.model import FloatArray, NamedModel
from ...pixels import BgrImage
from .layout_networks import SELECTED, family_of, input_batches, rows_on_page
from .region_boxes import ModelRegion, selected

#: Means and standard deviations of red, green and blue, 0 to 1, that PicoDet was trained with
#: (those of ImageNet); PP-DocLayout's larger networks take values from 0 to 1 as they are.
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

#: Least width and height of a region in pixels of the page.
_LEAST_SIDE = 2


@dataclass(frozen=True)
class Preparation:
    """How an image becomes the input of a network.

    Attributes:
        size: height and width of the input in pixels; pages are stretched to it.
        mean: subtrahends for red, green and blue, with values from 0 to 1.
        std: divisors applied afterwards.
    """

    size: tuple[int, int]
    mean: Sequence[float] = (0.0, 0.0, 0.0)
    std: Sequence[float] = (1.0, 1.0, 1.0)

    def batch(self, image: BgrImage) -> FloatArray:
        """Return the input for a page, shape (1, 3, H, W)."""
        height, width = self.size
        small = cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC)
        values = small[:, :, ::-1].astype(np.float32) / 255
        values = (values - np.array(self.mean, np.float32)) / np.array(self.std, np.float32)
        return np.ascontiguousarray(values.transpose(2, 0, 1)[None], dtype=np.float32)


class LayoutModel:
    """Finds the regions of a page."""

    def __init__(
        self,
        model: NamedModel,
        labels: Sequence[str],
        preparation: Preparation,
        min_score: float = 0.5,
    ) -> None:
        """Take a loaded network.

        Args:
            model: the network.
            labels: the names of its classes, in their order.
            preparation: how it wants its input.
            min_score: least score of a region.

        Raises:
            ModelError: it is no layout model, or has another number of classes.
        """
        self._model = model
        self._family = family_of(model)
        self._preparation = preparation
        self._min_score = min_score
        self.labels = tuple(labels)
        classes = None if self._family == SELECTED else model.outputs[0].shape[-1]
        if classes not in (None, len(self.labels)):
            raise ModelError(f"it has {classes} classes, but {len(self.labels)} names for them")

    def find(self, image: BgrImage) -> list[ModelRegion]:
        """Return the regions of a page, best first, none twice.

        Args:
            image: shape (height, width, 3), BGR, uint8.

        Raises:
            ModelError: the engine failed, or the network gives a class without a name.
        """
        page_size = image.shape[0], image.shape[1]
        batch = self._preparation.batch(image)
        outputs = self._model.run_named(input_batches(self._model, batch, page_size))
        rows = rows_on_page(
            self._family, outputs, self._preparation.size, page_size, self._min_score
        )
        limits = np.array(page_size[::-1] * 2, dtype=np.float32)
        regions = []
        for label, score, *numbers in rows.tolist():
            if int(label) >= len(self.labels):
                raise ModelError(
                    f"it gives class {int(label)}, but has {len(self.labels)} names of classes"
                )
            box = np.clip(np.array(numbers[:4], dtype=np.float32), 0, limits)
            rank = int(numbers[4]) if len(numbers) > 4 else None
            if np.min(box[2:] - box[:2]) >= _LEAST_SIDE:
                regions.append(ModelRegion(box, self.labels[int(label)], min(score, 1.0), rank))
        return selected(regions)
