# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Offline OCR for libraries and archives, in the style of OCR-D.

The package is laid out in layers, each importing only from those below it (see
docs/architecture.md). From top to bottom:

* ``ocrmypdf``: our engine for OCRmyPDF, see its documentation of plugins;
* ``cli``: the commands;
* ``network``: workers of OCR-D's processing network;
* ``correction_server``: a book in the browser, to correct, teach, read on;
* ``correction``: what people corrected, from the browser into a workspace;
* ``training``: heads for a recognition model, from corrected lines;
* ``conversion``: from documents to files in any format;
* ``processors``: the OCR-D processors;
* ``runtime``: runs a processor over a workspace;
* ``evaluation``: errors of a text against ground truth;
* ``rapidocr``: RapidOCR's Python interface and configuration;
* ``export``: from pages to text, ALTO, PDF and other formats;
* ``workspace``: METS, PAGE-XML and the images they refer to;
* ``documents``: images, folders and PDFs to read;
* ``loading``: from a file to a model that reads;
* ``ocr``: OCR on arrays;
* ``inference``: the engines that run models;
* ``resmgr``: the resource manager;
* ``rasters``: image files, opened within bounds;
* ``pixels``, ``transforms``: decoded images as arrays; geometry of cropped and turned images;
* ``provenance``: what was done to a page, and with what;
* ``transfer``: downloads over HTTP;
* ``cache``: what is computed or downloaded once, kept for the user;
* ``languages``: names and codes of languages and scripts;
* ``config``: parameters, directories and environment variables;
* ``files``, ``arrays``, ``plain_data``: files, NumPy archives, YAML and JSON, read without trust;
  ``processes``: whether they live, and their end;
  ``temporary_folders``: folders that no killed run leaves behind;
* ``errors``: the tree of exceptions;
* ``addresses``, ``version``: web addresses without secrets; the version.

Importing this module loads nothing heavy; `RapidOCR`, `open_document` and `recognize` are loaded
on first use. It forbids onnxruntime and OpenVINO to report to their makers, in this process and its
children.
"""

from typing import TYPE_CHECKING, Any

from .inference.libraries import silence
from .version import __version__

if TYPE_CHECKING:
    from .conversion.recognized_document import open_document, recognize
    from .rapidocr.interface import RapidOCR

__all__ = ["RapidOCR", "__version__", "open_document", "recognize"]

# Before anything of the package, or of the program around it, can load an engine.
silence()


def __getattr__(name: str) -> Any:
    if name == "RapidOCR":
        from .rapidocr.interface import RapidOCR

        return RapidOCR
    if name in ("open_document", "recognize"):
        from .conversion import recognized_document

        return getattr(recognized_document, name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
