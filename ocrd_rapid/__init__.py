"""Offline OCR for libraries and archives, in the style of OCR-D.

The package is laid out in layers, each importing only from those below it (see
``docs/architecture.md``): ``cli``, ``processors``, ``runtime``, ``export``,
``workspace``, ``rapidocr``, ``loading``, ``ocr``, ``inference``, ``resmgr``, ``rasters``,
``config``, and a ground floor of single modules such as ``errors``.

Importing this module loads nothing heavy; `RapidOCR` is loaded when it is asked for. It forbids
onnxruntime and OpenVINO to report to their makers, in this process and its children.
"""

from typing import TYPE_CHECKING, Any

from .inference.libraries import silence
from .version import __version__

if TYPE_CHECKING:
    from .rapidocr.interface import RapidOCR

__all__ = ["RapidOCR", "__version__"]

# Before anything of the package, or of the program around it, can load an engine.
silence()


def __getattr__(name: str) -> Any:
    if name == "RapidOCR":
        from .rapidocr.interface import RapidOCR

        return RapidOCR
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
