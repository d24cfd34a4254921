"""OCR of single images with the configuration and the Python interface of RapidOCR HKMC.

* ``interface``: the class `RapidOCR`; ``results``: the result of a call;
* ``hkmc``: configurations: YAML files, mappings, dotted parameters; ``hkmc_schema``: their
  sections; ``value_rules``: their values;
* ``model_files``: the file of a stage's model; ``engine_options``: how it is run;
  ``configured_models``: requests of models for `ocrd_rapid.loading`, and the parameters that a
  configuration stands for; ``stages``: the loaded stages of a configuration;
* ``input_size``: the size at which detection sees an image;
* ``word_boxes``: boxes of words and characters, in RapidOCR's form;
* ``diagnosis``: a check that everything a configuration needs is here.

Nothing here uses the network, and nothing knows of OCR-D's workspaces.
"""
