# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Facts about an engine that a caller must know before it loads a model.

A new engine needs an entry here, options in `options`, and a branch in `engines`; the layers above
ask for traits, not for names.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from .options import PRECISIONS


@dataclass(frozen=True)
class EngineTraits:
    """An engine, as seen by code that chooses how to run a model.

    Attributes:
        suffixes: suffixes of the model files that it reads, in lower case, best first.
        threads_wait: whether threads that share a call use CPU time while they wait for each other.
        keeps_shapes: whether it compiles and keeps something for every shape of the input.
        precisions: the numeric precisions that it offers, see `options.PRECISIONS`; ``auto`` is
            the engine's own choice.
    """

    suffixes: tuple[str, ...] = (".onnx",)
    threads_wait: bool = False
    keeps_shapes: bool = False
    precisions: tuple[str, ...] = ("f32", "auto")


_TRAITS = {
    "onnxruntime": EngineTraits(threads_wait=True),
    "openvino": EngineTraits((".xml", ".onnx"), keeps_shapes=True, precisions=PRECISIONS),
}

#: The names of all engines.
ENGINES = tuple(_TRAITS)

#: Suffixes of model files, in the order of search if no engine is named.
MODEL_SUFFIXES = tuple(
    dict.fromkeys(suffix for traits in _TRAITS.values() for suffix in traits.suffixes[::-1])
)


def traits_of(engine: str) -> EngineTraits:
    """Return the traits of an engine; those of `EngineTraits` by default."""
    return _TRAITS.get(engine, EngineTraits())


def engine_for(name: str) -> str:
    """Return the only engine that reads a file of this name; empty if there are more or none."""
    suffix = PurePath(name).suffix.lower()
    engines = [engine for engine, traits in _TRAITS.items() if suffix in traits.suffixes]
    return engines[0] if len(engines) == 1 else ""
