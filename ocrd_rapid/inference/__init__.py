"""Inference engines: load a model, run a batch.

* ``model``: what a loaded model is (`Model`), and how it is asked for (`EngineConfig`);
* ``engines``: picks the engine by name;
* ``ort``, ``ov``: onnxruntime and OpenVINO; ``null``: fixed outputs, for tests.

Nothing here knows what a model is for.
"""
