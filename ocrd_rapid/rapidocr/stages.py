# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The three stages of a configuration: detection, orientation, recognition."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..loading.automatic_model import load_reader
from ..loading.load import (
    Loaded,
    LoadedRecognizer,
    load_classifier,
    load_detector,
)
from ..loading.once import Once
from ..ocr.detection.detector import Detector
from ..ocr.orientation import OrientationClassifier
from ..ocr.recognition.automatic_recognizer import TextRecognizer
from .configured_models import configured_model
from .hkmc import HkmcConfig
from .input_size import detection_options


class Stages:
    """The stages of a configuration, each loaded once, when first needed.

    May be used from several threads. Every method that returns a stage raises the errors of
    `configured_model` and of the functions of `loading.load`.
    """

    def __init__(self, config: HkmcConfig) -> None:
        """Take a configuration; load nothing yet."""
        self.config = config
        self._told: set[str] = set()
        self._detection = Once(
            lambda: load_detector(configured_model(config, "Det"), detection_options(config))
        )
        self._orientation = Once(lambda: load_classifier(configured_model(config, "Cls")))
        self._recognition = Once(lambda: load_reader(configured_model(config, "Rec")))

    def load(self) -> None:
        """Load the stages that the configuration switches on."""
        for stage in stages_in_use(self.config):
            self.loaded(stage)

    def is_new(self, script: str) -> bool:
        """Return whether a script that nothing reads was not asked about before."""
        new = script not in self._told
        self._told.add(script)
        return new

    def loaded(self, stage: str) -> Loaded[Any]:
        """Return a stage, ``Det``, ``Cls`` or ``Rec``, with facts about its model."""
        stages: dict[str, Callable[[], Loaded[Any]]] = {
            "Det": self._detection, "Cls": self._orientation, "Rec": self._recognition,
        }  # fmt: skip
        return stages[stage]()

    def detector(self) -> Detector:
        """Return the detector."""
        return self._detection().part

    def classifier(self) -> OrientationClassifier:
        """Return the classifier."""
        return self._orientation().part

    def recognizer(self) -> TextRecognizer:
        """Return the recognizer."""
        return self._recognition().part

    def recognition(self) -> LoadedRecognizer:
        """Return the recognizer with facts about its model."""
        return self._recognition()


def stages_in_use(config: HkmcConfig) -> list[str]:
    """Return the stages that a configuration switches on."""
    general = config.general
    switches = {"Det": general.use_det, "Cls": general.use_cls, "Rec": general.use_rec}
    return [stage for stage, on in switches.items() if on]
