# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""From the section ``EngineConfig`` to the settings of a stage's model."""

from __future__ import annotations

from dataclasses import replace

from ..inference.model import EngineConfig
from ..inference.options import CudaOptions, OpenVinoOptions, OrtOptions
from ..loading.running import Calls, engine_config
from .hkmc import HkmcConfig
from .model_files import section_of


def configured_engine(config: HkmcConfig, stage: str) -> EngineConfig:
    """Return how to run the model of a stage.

    A number of threads in the configuration is respected.
    """
    engine = section_of(config, stage).engine_type
    options = engine_options(config, engine)
    calls, threads = Calls.LINES if stage == "Rec" else Calls.ALONE, 0
    if isinstance(options, OrtOptions):
        if options.intra_op_num_threads > 0 and calls is Calls.LINES:
            # Not more threads than that: one call at a time has them all.
            threads = 1
    elif options.num_streams > 0:
        calls, threads = Calls.LINES, options.num_streams
    elif options.inference_num_threads > 0:
        threads = options.inference_num_threads
    return engine_config(
        engine, calls, threads=threads, strict=config.engine.strict, options=options
    )


def engine_options(config: HkmcConfig, engine: str) -> OrtOptions | OpenVinoOptions:
    """Return the options of an engine, from ``EngineConfig``."""
    if engine == "openvino":
        openvino = config.engine.openvino
        return OpenVinoOptions(
            device_name=openvino.device_name,
            inference_num_threads=openvino.inference_num_threads,
            performance_hint=openvino.performance_hint,
            performance_num_requests=openvino.performance_num_requests,
            enable_cpu_pinning=openvino.enable_cpu_pinning,
            num_streams=openvino.num_streams,
            enable_hyper_threading=openvino.enable_hyper_threading,
            scheduling_core_type=openvino.scheduling_core_type,
            inference_precision=openvino.inference_precision,
            cache_dir=openvino.cache_dir,
        )
    ort = config.engine.onnxruntime
    return OrtOptions(
        intra_op_num_threads=ort.intra_op_num_threads,
        inter_op_num_threads=ort.inter_op_num_threads,
        enable_cpu_mem_arena=ort.enable_cpu_mem_arena,
        cpu_arena_extend_strategy=ort.cpu_ep_cfg.arena_extend_strategy,
        use_cuda=ort.use_cuda,
        cuda_ep_cfg=CudaOptions(
            device_id=ort.cuda_ep_cfg.device_id,
            arena_extend_strategy=ort.cuda_ep_cfg.arena_extend_strategy,
            cudnn_conv_algo_search=ort.cuda_ep_cfg.cudnn_conv_algo_search,
            do_copy_in_default_stream=ort.cuda_ep_cfg.do_copy_in_default_stream,
        ),
        use_dml=ort.use_dml,
        dml_ep_cfg=ort.dml_ep_cfg or {},
        use_cann=ort.use_cann,
        cann_ep_cfg=ort.cann_ep_cfg or {},
        use_coreml=ort.use_coreml,
        coreml_ep_cfg=ort.coreml_ep_cfg or {},
    )


def requested_device(config: HkmcConfig, stage: str) -> str:
    """Return the device that a stage should run on, if it is available."""
    options = engine_options(config, section_of(config, stage).engine_type)
    if isinstance(options, OrtOptions):
        return options.devices[0] if options.devices else "CPU"
    return options.device_name or "CPU"


def processor_options(config: HkmcConfig, engine: str) -> OrtOptions | OpenVinoOptions:
    """Return the options of an engine, except those that are parameters of processors."""
    options = engine_options(config, engine)
    if isinstance(options, OpenVinoOptions):
        return replace(options, device_name=None, inference_num_threads=-1)
    return replace(
        options,
        intra_op_num_threads=-1,
        use_cuda=False,
        use_dml=False,
        use_cann=False,
        use_coreml=False,
    )
