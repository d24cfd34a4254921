"""OCR of single images with the configuration and the Python interface of RapidOCR HKMC.

* ``resolution``: which file is the model of a stage; ``keys``: which characters does it read;
* ``engines``: how a model is run; ``stages``: from a configuration to what detects, classifies
  and recognizes; ``detection``: with RapidOCR's settings;
* ``adapters``: models whose input or output is not what ``ocr`` expects;
* ``images``: from paths, bytes, arrays and Pillow's images to BGR;
* ``reading``: from boxes to upright line images; ``words``: from lines to boxes of words;
* ``results``: what a call returns; ``rapidocr``: the class `RapidOCR`;
* ``diagnosis``: is everything here that a configuration needs?

Nothing here uses the network, and nothing knows of OCR-D's workspaces.
"""
