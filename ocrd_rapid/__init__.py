"""Offline OCR for libraries and archives, in the style of OCR-D.

The package is laid out in layers, each importing only from those below it (see
``docs/architecture.md``): ``cli``, ``processors``, ``runtime``, ``export``,
``workspace``, ``ocr``, ``inference``, ``resmgr``, ``config``, ``errors``.

Importing this module loads nothing heavy.
"""

from .version import __version__

__all__ = ["__version__"]
