# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Load layout models: the network, the names of its classes, and how it wants its input.

The names are in the model, as those of RapidLayout have them, or in a file beside it:
``inference.yml`` of PaddleDetection and PaddleX, or a list of the same name as the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import ModelError
from ..inference.engines import load_named_model
from ..inference.model import EngineConfig, NamedModel
from ..ocr.layout_models import layout_networks
from ..ocr.layout_models.layout_model import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    LayoutModel,
    Preparation,
)
from ..ocr.model_kinds import LAYOUT, kind_of
from ..plain_data import parse_yaml
from .executables import place_of
from .load import Loaded

#: The key of the names in the metadata of a model: a name in each line.
_LABELS = "character"

_DESCRIPTION = "inference.yml"


def load_layout_model(path: Path, engine: EngineConfig, min_score: float) -> Loaded[LayoutModel]:
    """Load a layout model.

    Args:
        path: its file.
        engine: how to run it.
        min_score: least score of a region.

    Raises:
        ModelError: it cannot be loaded, is of another kind, or has no names of classes.
        EngineError, ConfigurationError: see `ocrd_rapid.inference.engines.load_model`.
    """
    network = load_named_model(path, engine)
    try:
        family = layout_networks.family_of(network)
    except ModelError as error:
        kind = kind_of(network.inputs[0].shape, network.outputs[0].shape)
        is_one = (
            f"it is a {kind} model for {place_of(kind)}; " if kind not in (LAYOUT, None) else ""
        )
        raise ModelError(f"model {path}: {is_one}{error}") from error
    description = _description(path)
    labels = _labels(path, network.metadata, description)
    preparation = _preparation(path, network, family, description)
    try:
        model = LayoutModel(network, labels, preparation, min_score)
    except ModelError as error:
        raise ModelError(f"model {path}: {error}") from error
    return Loaded(model, path, engine, network.device, {"layout_model": path.name})


def _description(path: Path) -> Mapping[str, Any]:
    """Return the content of the description beside a model; empty without one.

    Raises:
        ModelError: it cannot be read.
    """
    import yaml

    file = path.with_name(_DESCRIPTION)
    if not file.is_file():
        return {}
    try:
        content: Any = parse_yaml(file.read_bytes().decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise ModelError(f"{file} beside model {path} cannot be read: {reason}") from error
    if not isinstance(content, dict):
        raise ModelError(f"{file} beside model {path} describes no model")
    return content


def _labels(path: Path, metadata: Mapping[str, str], description: Mapping[str, Any]) -> list[str]:
    """Return the names of the classes.

    Raises:
        ModelError: there are none.
    """
    listed = path.with_suffix(".txt")
    if metadata.get(_LABELS):
        found = metadata[_LABELS].splitlines()
    elif listed.is_file():
        try:
            found = listed.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ModelError(f"{listed} of model {path} cannot be read: {error}") from error
    else:
        found = [str(label) for label in description.get("label_list") or ()]
    labels = [label.strip() for label in found if label.strip()]
    if not labels:
        raise ModelError(
            f"model {path} does not contain the names of its classes; put its {_DESCRIPTION}, or"
            f" {listed.name} with a name in each line, into {path.parent.absolute()}"
        )
    return labels


def _preparation(
    path: Path, network: NamedModel, family: str, description: Mapping[str, Any]
) -> Preparation:
    """Return how a network wants its input.

    Raises:
        ModelError: the size of the input is open, or the description is wrong.
    """
    end = layout_networks.image_input(network)
    steps = {
        str(s.get("type")): s for s in description.get("Preprocess") or () if isinstance(s, dict)
    }
    try:
        target = steps.get("Resize", {}).get("target_size")
        size = layout_networks.fixed_size(end) or (target and (int(target[0]), int(target[1])))
        normal = steps.get("NormalizeImage")
        if normal is not None:
            plain = normal.get("norm_type") == "none"
            mean = (0.0,) * 3 if plain else tuple(float(value) for value in normal["mean"])
            std = (1.0,) * 3 if plain else tuple(float(value) for value in normal["std"])
    except (TypeError, ValueError, KeyError, IndexError) as error:
        file = path.with_name(_DESCRIPTION)
        raise ModelError(f"{file} beside model {path} is wrong: {error!r}") from error
    if not size:
        raise ModelError(
            f"model {path} leaves the size of its input open; put its {_DESCRIPTION} into"
            f" {path.parent.absolute()}"
        )
    if normal is not None:
        return Preparation(size, mean, std)
    as_is = layout_networks.SHAPE in {other.name for other in network.inputs}
    return Preparation(size) if as_is else Preparation(size, IMAGENET_MEAN, IMAGENET_STD)
