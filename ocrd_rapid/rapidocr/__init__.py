# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""OCR of single images with the configuration and the Python interface of RapidOCR HKMC.

* ``interface``: the class `RapidOCR`; ``results``: the result of a call, and
  ``result_files``: the same in the formats of ``ocrd-rapid ocr``;
* ``hkmc``: configurations: YAML files, mappings, dotted parameters; ``hkmc_schema``: their
  sections; ``value_rules``: their values;
* ``model_files``: the file of a stage's model; ``engine_options``: how it runs;
  ``configured_models``: requests for models for `ocrd_rapid.loading`, and a configuration's
  parameters for processors; ``stages``: the loaded stages of a configuration;
* ``input_size``: the size of detection's input;
* ``word_boxes``: boxes of words and characters, in RapidOCR's form;
* ``diagnosis``: a check that everything that a configuration needs is installed.

Nothing here uses the network or knows about OCR-D's workspaces.
"""
