"""What a caller has to know of an engine before it loads a model.

A new engine has an entry here, options in `options`, and a branch in `engines`; the layers above
ask for traits, not for names.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from .options import PRECISIONS


@dataclass(frozen=True)
class EngineTraits:
    """An engine, as seen by those that choose how to run a model.

    Attributes:
        suffixes: of the model files that it reads, in lower case, best first.
        threads_wait: threads that share a call wait for each other and use CPU time meanwhile.
        keeps_shapes: something is compiled and kept for every shape of the input.
        precisions: the numbers that it can compute with, see `options.PRECISIONS`; ``auto`` is
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

#: Suffixes of model files, in the order in which they are looked for where no engine is named.
MODEL_SUFFIXES = tuple(
    dict.fromkeys(suffix for traits in _TRAITS.values() for suffix in traits.suffixes[::-1])
)


def traits_of(engine: str) -> EngineTraits:
    """Return the traits of an engine; those of `EngineTraits` by default."""
    return _TRAITS.get(engine, EngineTraits())


def engine_for(name: str) -> str:
    """Return the engine that alone reads a file of this name; empty if it is not the only one."""
    suffix = PurePath(name).suffix.lower()
    engines = [engine for engine, traits in _TRAITS.items() if suffix in traits.suffixes]
    return engines[0] if len(engines) == 1 else ""
