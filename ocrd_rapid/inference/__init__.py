# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Inference engines: load a model, run a batch.

* ``model``: a loaded model (`Model`) and its settings (`EngineConfig`);
* ``options``: all options of the two engines; ``devices``: engines and devices of this machine;
* ``libraries``: imports the engines' packages and keeps them from reporting to their makers;
* ``traits``: facts about an engine for its callers; ``engines``: picks the engine by name;
  ``modelfile``: checks a model's files before an engine loads them;
* ``ort``, ``ort_providers``: onnxruntime; ``ov``, ``ov_devices``: OpenVINO;
* ``prepared``: optimised or compiled models, kept in the user's cache;
  ``deferred``: models loaded on first use; ``cores``: number of CPU cores;
* ``forking``, ``stopping``: engine calls across forks, and within a time limit;
  ``memory``: memory kept for the next call;
* ``null``: models without weights, for tests;
  ``reports``: messages about devices and failures, the same for both engines;
* ``derive``: recognition networks with other output layers; ``output_layers``: these layers;
  ``feature_identity``: which network's features a model gives;
* ``convert``: conversion from ONNX to OpenVINO's own format.

Nothing here knows what a model is for.
"""
