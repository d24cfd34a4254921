"""OCR of single images with the configuration and the Python interface of RapidOCR HKMC.

* ``interface``: the class `RapidOCR`; ``results``: what a call returns;
* ``hkmc``: reads configurations; ``hkmc_schema``: their sections and keys; ``value_rules``: what a
  key may hold;
* ``model_files``: which file is the model of a stage; ``engine_options``: how it is run;
  ``configured_models``: requests of models for `ocrd_rapid.loading`, and the parameters that a
  configuration stands for; ``stages``: the loaded stages of a configuration;
* ``input_size``: how detection sees an image by RapidOCR's settings; ``reading``: from boxes to
  upright line images; ``word_boxes``: from lines to boxes of words;
* ``diagnosis``: is everything here that a configuration needs?

Nothing here uses the network, and nothing knows of OCR-D's workspaces.
"""
