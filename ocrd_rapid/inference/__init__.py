"""Inference engines: load a model, run a batch.

* ``model``: what a loaded model is (`Model`), and how it is asked for (`EngineConfig`);
* ``options``: all options of the two engines; ``devices``: what is here;
* ``libraries``: imports the engines' packages, which must not report to their makers;
* ``engines``: picks the engine by name; ``modelfile``: looks at the files first;
* ``ort``, ``ort_providers``: onnxruntime; ``ov``, ``ov_devices``: OpenVINO;
* ``prepared``: models as an engine has optimised or compiled them, kept in the user's cache;
  ``deferred``: models that are known, but not loaded yet; ``cores``: how many there are;
* ``null``: models without weights, for tests;
* ``reports``: what both engines say of devices and failures;
* ``convert``: from ONNX to OpenVINO's own format.

Nothing here knows what a model is for.
"""
