# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Load detectors, classifiers and recognizers from requests.

* ``request``: a request for a model (`ModelRequest`); ``running``: threads and widths of lines;
* ``load``: loads the model of a request; ``adapters``: networks with other conventions;
  ``keys``: the characters of a recognition model's classes; ``heads``: its output layers;
  ``installed_heads``: their files;
* ``automatic_model``: the choice among the installed recognition models;
* ``finding``: files by their names; ``executables``: the processors that these are resources of;
  ``by_name``: `detector`, `classifier` and `recognizer` for Python programs;
* ``quality_sizes``: the models and settings of each size;
* ``layout_files``: loads layout models with the files beside them;
* ``once``: objects created on first use;
* ``cutting``: writes a recognition model with fewer characters.

A program needs no more than this, and nothing is loaded before it is used::

    from ocrd_rapid import loading

    recognizer = loading.recognizer()
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .by_name import classifier, detector, recognizer
    from .request import ModelRequest

__all__ = ["ModelRequest", "classifier", "detector", "recognizer"]


def __getattr__(name: str) -> Any:
    if name == "ModelRequest":
        from .request import ModelRequest

        return ModelRequest
    if name in __all__:
        from . import by_name

        return getattr(by_name, name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
