"""Inference engines: load a model, run a batch.

* ``model``: a loaded model (`Model`) and its settings (`EngineConfig`);
* ``options``: all options of the two engines; ``devices``: engines and devices of this machine;
* ``libraries``: imports the engines' packages, which must not report to their makers;
* ``traits``: facts of an engine for its callers; ``engines``: picks the engine by name;
  ``modelfile``: checks the files first;
* ``ort``, ``ort_providers``: onnxruntime; ``ov``, ``ov_devices``: OpenVINO;
* ``prepared``: models as an engine has optimised or compiled them, kept in the user's cache;
  ``deferred``: models that are loaded on first use; ``cores``: number of CPU cores;
* ``forking``, ``stopping``: calls of engines across forks, and until a limit of time;
  ``memory``: memory that is kept for the next call;
* ``null``: fixed outputs, for tests; ``reports``: messages of both engines on devices and failures;
* ``derive``: recognition networks with other output layers;
* ``convert``: from ONNX to OpenVINO's own format.

Nothing here knows what a model is for.
"""
