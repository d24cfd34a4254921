# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Networks that read lines: their heads, and the output layers that only some lines need."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ...errors import ModelError
from ...inference.model import FloatArray, Model
from ..model_kinds import RECOGNITION, wrong_kind
from .calibration import Calibration
from .head_files import OTHER

#: The name of the output layer that a network was trained with.
BASE = "base"


@dataclass(frozen=True)
class LineHead:
    """One way to turn the features of a line into characters.

    Attributes:
        name: its name; `BASE` for the output layer that the network was trained with.
        characters: the character of every class; the blank of CTC is class 0.
        font_family: the group of typefaces that it was made for, such as ``Fraktur``; else empty.
        stands_for: the name of the head that it is a part of, if any.
        calibration: makes confidences of its probabilities.
        stretch: see `Head.stretch`.
        resolves: whether the abbreviations that it reads are resolved; see `abbreviations`.
        frequency: how frequent its typeface is, in proportion to those of other heads.
        typical_letters: letters by which its typeface is known: it hardly ever reads them where
            other letters are printed.
    """

    name: str
    characters: tuple[str, ...]
    font_family: str = ""
    stands_for: str = ""
    calibration: Calibration = field(default_factory=Calibration)
    stretch: float = 1.0
    resolves: bool = False
    frequency: float = 1.0
    typical_letters: str = ""

    @property
    def refuses(self) -> bool:
        """Whether it knows letters of other typefaces as such, see `head_files.OTHER`."""
        return OTHER in self.characters and not self.stands_for


@dataclass(frozen=True)
class LaterLayer:
    """An output layer that reads the features of a line later, as only some lines need it.

    Attributes:
        head: its name and characters.
        model: turns features, shape (1, T, features), into distributions, (1, T, classes).
    """

    head: LineHead
    model: Model


@dataclass(frozen=True)
class ScriptLayers:
    """What tells the scripts of a line, and what reads them.

    Attributes:
        scripts: the scripts that the network tells apart: its output has a column for no letter,
            and one for each of them.
        layers: by the script, a function that returns the layers that read it; they are loaded on
            the first call.
        whole: scripts that the model's own output layer reads.
        allowed: scripts that lines may have; empty for all.
    """

    scripts: tuple[str, ...]
    layers: Mapping[str, Callable[[], tuple[LaterLayer, ...]]]
    whole: frozenset[str] = frozenset()
    allowed: frozenset[str] = frozenset()


class LineModel(Protocol):
    """A trained network: from a prepared line image to probabilities."""

    @property
    def heads(self) -> tuple[LineHead, ...]:
        """The output layers that read every line; at least one."""
        ...

    @property
    def whole(self) -> LaterLayer | None:
        """The layer for lines in which a head reads `head_files.OTHER`, if a head has that."""
        ...

    @property
    def scripts(self) -> ScriptLayers | None:
        """What tells scripts apart; ``None`` if nothing does."""
        ...

    def probabilities(self, batch: FloatArray) -> FloatArray:
        """Return the distributions over characters along one line.

        Args:
            batch: shape (1, 3, 48, W), values -1 to 1.

        Returns:
            Shape (W / 8, N), side by side: the classes of all heads; those of `ScriptLayers`, if
            any; the features, if there are other layers to read them.
        """
        ...


class HeadedModel:
    """A PP-OCR recognition network, from the image to the distributions, as one model.

    Its output has the distributions of all heads side by side; see `inference.derive`.
    """

    def __init__(
        self,
        model: Model,
        heads: Sequence[LineHead],
        whole: LaterLayer | None = None,
        scripts: ScriptLayers | None = None,
        features: int = 0,
    ) -> None:
        """Take a loaded model and what its output has, in this order.

        Args:
            model: the model.
            heads: the heads that read every line.
            whole: see `LineModel.whole`.
            scripts: see `LineModel.scripts`.
            features: the number of features.

        Raises:
            ModelError: the model does not have the inputs and outputs of a recognition model.
        """
        shape = model.output_shape
        if model.input_shape[1:2] != (3,) or len(shape) != 3:
            raise wrong_kind(model, RECOGNITION)
        self.model = model
        self.heads = tuple(heads)
        self.whole = whole
        self.scripts = scripts
        self._classes = sum(len(head.characters) for head in heads)
        self._width = self._classes + (1 + len(scripts.scripts) if scripts else 0) + features

    def probabilities(self, batch: FloatArray) -> FloatArray:
        """See `LineModel.probabilities`.

        Raises:
            ModelError: the characters do not belong to the model.
        """
        output: FloatArray = self.model.run(batch)[0]
        if output.shape[1] != self._width:
            raise ModelError(
                f"the keys do not belong to the model: {output.shape[1]} classes,"
                f" {self._classes} characters"
            )
        return output
