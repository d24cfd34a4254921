# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The sections of an HKMC configuration as dataclasses: keys, defaults and allowed values.

The keys are those of RapidOCR 3.10 and of its fork HKMC. Keys that have a meaning only for other
engines (``paddle``, ``torch``, ``tensorrt``, ``mnn``) or inside RapidOCR (``session``) are ignored.
Where a default differs from RapidOCR's, the docstring says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..inference.traits import ENGINES
from ..loading.quality_sizes import DEFAULT_SIZE, SIZES
from . import value_rules
from .value_rules import setting

VERSIONS = ("PP-OCRv4", "PP-OCRv5", "PP-OCRv6")
MODEL_TYPES = ("mobile", "server", "tiny", "small", "medium")
ARENA_STRATEGIES = ("kNextPowerOfTwo", "kSameAsRequested")
LOG_LEVELS = ("debug", "info", "warning", "error", "critical")

#: RapidOCR's codes of the languages that PP-OCRv6 reads.
_V6_LANGUAGES = (
    "ch", "chinese_cht", "en", "japan", "af", "az", "bs", "ca", "cs", "cy", "da", "de", "es",
    "et", "eu", "fi", "fr", "ga", "gl", "hr", "hu", "id", "is", "it", "ku", "la", "lb", "lt",
    "lv", "mi", "ms", "mt", "nl", "no", "oc", "pl", "pt", "qu", "rm", "ro", "rs_latin", "sk",
    "sl", "sq", "sv", "sw", "tl", "tr", "uz", "vi", "french", "german",
)  # fmt: skip
DET_LANGUAGES = ("ch", "en", "multi", *(c for c in _V6_LANGUAGES if c not in ("ch", "en")))
CLS_LANGUAGES = ("ch", "multi")
REC_LANGUAGES = (
    "ch", "ch_doc", "en", "arabic", "chinese_cht", "cyrillic", "devanagari", "japan", "korean",
    "ka", "latin", "ta", "te", "eslav", "th", "el",
    *(c for c in _V6_LANGUAGES if c not in ("ch", "chinese_cht", "en", "japan")),
)  # fmt: skip

_ONE_DEVICE = r"(?:CPU|NPU|GPU)(?:\.\d+)?"
_DEVICE = re.compile(rf"{_ONE_DEVICE}|AUTO|(?:AUTO|HETERO|MULTI):{_ONE_DEVICE}(?:,{_ONE_DEVICE})*")

_NOT_HERE = {value_rules.INTERNAL: True}


@dataclass(frozen=True)
class GlobalSection:
    """``Global``.

    Attributes:
        text_score: lines whose characters have a lower mean probability are left out.
        use_det: detect lines; without it, the image is one line.
        use_cls: determine which way up the text is.
        use_rec: read the lines.
        use_preprocess_img: whether ``max_side_len`` and ``min_side_len`` apply.
        max_side_len: longer side of detection's input in pixels; null (RapidOCR: 2000) for 2000 if
            ``Det.limit_side_len`` is given, else by the size of the page.
        min_side_len: shorter side of detection's input in pixels.
        use_vertical_padding: whether ``min_height`` and ``width_height_ratio`` apply.
        min_height: images of this height or less get a margin above and below for detection.
        width_height_ratio: so do images with a larger ratio of width to height; -1 to disable.
        return_word_box: place words, too.
        return_single_char_box: place single characters, too.
        font_path: not used, as nothing is drawn.
        log_level: level of the logger ``ocrd_rapid``; null (RapidOCR: info) leaves it unchanged.
        model_root_dir: a directory in which models are looked up by name, before installed ones.
        offline: always true: nothing is ever downloaded.
        quality: ``fast``, ``balanced`` or ``best``: the models and the input of detection and
            recognition, as far as no other key chooses them.
    """

    text_score: float = setting(value_rules.number(0, 1), 0.5)
    use_det: bool = setting(value_rules.boolean(), True)
    use_cls: bool = setting(value_rules.boolean(), True)
    use_rec: bool = setting(value_rules.boolean(), True)
    use_preprocess_img: bool = setting(value_rules.boolean(), True)
    max_side_len: float | None = setting(value_rules.number(0, positive=True, null=True), None)
    min_side_len: float = setting(value_rules.number(0, positive=True), 30)
    use_vertical_padding: bool = setting(value_rules.boolean(), True)
    min_height: float = setting(value_rules.number(0), 30)
    width_height_ratio: float = setting(value_rules.number(0, positive=True, extra=(-1,)), 8)
    return_word_box: bool = setting(value_rules.boolean(), False)
    return_single_char_box: bool = setting(value_rules.boolean(), False)
    font_path: str | None = setting(value_rules.path(), None)
    log_level: str | None = setting(value_rules.one_of(LOG_LEVELS, "log level", null=True), None)
    model_root_dir: str | None = setting(value_rules.path(), None)
    offline: bool = setting(value_rules.boolean(), True)
    quality: str = setting(value_rules.one_of(SIZES, "quality"), DEFAULT_SIZE)


@dataclass(frozen=True)
class CpuProvider:
    """``cpu_ep_cfg`` of onnxruntime."""

    arena_extend_strategy: str = setting(
        value_rules.one_of(ARENA_STRATEGIES, "strategy"), "kSameAsRequested"
    )


@dataclass(frozen=True)
class CudaProvider:
    """``cuda_ep_cfg`` of onnxruntime."""

    device_id: int = setting(value_rules.integer(0, "Must be a whole number of at least 0."), 0)
    arena_extend_strategy: str = setting(
        value_rules.one_of(ARENA_STRATEGIES, "strategy"), "kNextPowerOfTwo"
    )
    cudnn_conv_algo_search: str = setting(
        value_rules.one_of(("EXHAUSTIVE", "HEURISTIC", "DEFAULT"), "search"), "EXHAUSTIVE"
    )
    do_copy_in_default_stream: bool = setting(value_rules.boolean(), True)


@dataclass(frozen=True)
class OnnxruntimeSection:
    """``EngineConfig.onnxruntime``; see `ocrd_rapid.inference.options.OrtOptions`."""

    intra_op_num_threads: int = setting(value_rules.threads(), -1)
    inter_op_num_threads: int = setting(value_rules.threads(), -1)
    enable_cpu_mem_arena: bool = setting(value_rules.boolean(), False)
    cpu_ep_cfg: CpuProvider = field(default_factory=CpuProvider)
    use_cuda: bool = setting(value_rules.boolean(), False)
    cuda_ep_cfg: CudaProvider = field(default_factory=CudaProvider)
    use_dml: bool = setting(value_rules.boolean(), False)
    dml_ep_cfg: Mapping[str, Any] | None = setting(
        value_rules.options(), None, **{value_rules.ALIAS: "dm_ep_cfg"}
    )
    use_cann: bool = setting(value_rules.boolean(), False)
    cann_ep_cfg: Mapping[str, Any] | None = setting(value_rules.options(), None)
    use_coreml: bool = setting(value_rules.boolean(), False)
    coreml_ep_cfg: Mapping[str, Any] | None = setting(value_rules.options(), None)


@dataclass(frozen=True)
class OpenvinoSection:
    """``EngineConfig.openvino``; see `ocrd_rapid.inference.options.OpenVinoOptions`."""

    device_name: str = setting(
        value_rules.matching(
            _DEVICE.fullmatch, "CPU, NPU, GPU, AUTO (or GPU.1, AUTO:GPU,CPU, HETERO:GPU,CPU)",
            "device name",
        ),
        "CPU",
    )  # fmt: skip
    inference_num_threads: int = setting(value_rules.threads(), -1)
    performance_hint: str | None = setting(
        value_rules.one_of(
            ("LATENCY", "THROUGHPUT", "CUMULATIVE_THROUGHPUT"), "performance hint", null=True
        ),
        None,
    )
    performance_num_requests: int = setting(value_rules.count(auto=True), -1)
    enable_cpu_pinning: bool | None = setting(value_rules.boolean(null=True), None)
    num_streams: int = setting(value_rules.count(auto=True), -1)
    enable_hyper_threading: bool | None = setting(value_rules.boolean(null=True), None)
    scheduling_core_type: str | None = setting(
        value_rules.one_of(("ANY_CORE", "PCORE_ONLY", "ECORE_ONLY"), "core type", null=True), None
    )
    inference_precision: str | None = setting(
        value_rules.one_of(("f32", "f16", "bf16", "auto"), "precision", null=True), "f32"
    )
    cache_dir: str | None = setting(value_rules.path(), None)


@dataclass(frozen=True)
class EngineSection:
    """``EngineConfig``: options of the engines; each stage chooses one with ``engine_type``.

    Attributes:
        onnxruntime: options of this engine.
        openvino: options of this engine.
        strict: fail if a device is not available, instead of warning and using the CPU.
    """

    onnxruntime: OnnxruntimeSection = field(default_factory=OnnxruntimeSection)
    openvino: OpenvinoSection = field(default_factory=OpenvinoSection)
    strict: bool = setting(value_rules.boolean(), False)
    paddle: None = setting(value_rules.anything(), None, **_NOT_HERE)
    torch: None = setting(value_rules.anything(), None, **_NOT_HERE)
    tensorrt: None = setting(value_rules.anything(), None, **_NOT_HERE)
    mnn: None = setting(value_rules.anything(), None, **_NOT_HERE)


@dataclass(frozen=True, kw_only=True)
class StageSection:
    """The keys that all three stages have.

    Attributes:
        engine_type: one of `ENGINES`.
        model_type: the size of the model; null (RapidOCR: by version) for the version's smallest
            model that is not tiny.
        ocr_version: one of `VERSIONS`.
        model_path: the model; relative to the current directory.
        model_dir: a directory with the model, used without ``model_path``.
    """

    engine_type: str = setting(value_rules.one_of(ENGINES, kind="EngineType"), "onnxruntime")
    lang_type: str = "ch"
    model_type: str | None = setting(
        value_rules.one_of(MODEL_TYPES, kind="ModelType", null=True), None
    )
    ocr_version: str = setting(value_rules.one_of(VERSIONS, kind="OCRVersion"), "PP-OCRv6")
    model_path: str | None = setting(value_rules.path(), None)
    model_dir: str | None = setting(value_rules.path(), None)
    session: None = setting(value_rules.anything(), None, **_NOT_HERE)
    engine_cfg: None = setting(value_rules.anything(), None, **_NOT_HERE)
    model_root_dir: None = setting(value_rules.anything(), None, **_NOT_HERE)


@dataclass(frozen=True, kw_only=True)
class DetSection(StageSection):
    """``Det``: detection of lines.

    Attributes:
        profile: ``rapidocr`` or ``paddle``: the defaults of the keys from ``mean`` on, and of
            ``limit_side_len`` and ``Global.max_side_len`` (see `PROFILES`).
        limit_side_len: side of the network's input in pixels; null (RapidOCR: 736) to choose it by
            the size of the page.
        limit_type: ``min``: a lower limit for the shorter side; ``max``: an upper limit for the
            longer side.
        mean: subtrahends for the values 0 to 1 of the three channels.
        std: divisors applied afterwards.
        thresh: probability above which a pixel belongs to text.
        box_thresh: mean probability above which a box is kept.
        max_candidates: largest number of connected areas considered.
        unclip_ratio: growth of boxes.
        use_dilation: join areas that nearly touch.
        score_mode: ``fast``: the mean over the box; ``slow``: over the area itself.
    """

    lang_type: str = setting(value_rules.one_of(DET_LANGUAGES, kind="LangDet"), "ch")
    task_type: str = setting(value_rules.one_of(("det",), kind="TaskType"), "det")
    profile: str = setting(value_rules.one_of(("rapidocr", "paddle"), "profile"), "rapidocr")
    limit_side_len: float | None = setting(value_rules.number(0, positive=True, null=True), None)
    limit_type: str = setting(value_rules.one_of(("min", "max"), "limit type"), "min")
    mean: tuple[float, ...] = setting(
        value_rules.numbers(3, "Must be a list of 3 numbers.", lambda found: True), (0.5, 0.5, 0.5)
    )
    std: tuple[float, ...] = setting(
        value_rules.numbers(
            3, "Must be a list of 3 numbers other than 0.", lambda found: all(found)
        ),
        (0.5, 0.5, 0.5),
    )
    thresh: float = setting(value_rules.number(0, 1), 0.3)
    box_thresh: float = setting(value_rules.number(0, 1), 0.5)
    max_candidates: int = setting(value_rules.count(), 1000)
    unclip_ratio: float = setting(value_rules.number(0, positive=True), 1.6)
    use_dilation: bool = setting(value_rules.boolean(), True)
    score_mode: str = setting(value_rules.one_of(("fast", "slow"), "score mode"), "fast")


@dataclass(frozen=True, kw_only=True)
class ClsSection(StageSection):
    """``Cls``: orientation of text.

    Attributes:
        cls_image_shape: channels, height and width of the network's input, if the model leaves
            them open.
        cls_batch_num: no effect, as results do not depend on batches.
        cls_thresh: probability above which a single line (``use_det: false``) is upside down. Pages
            are turned by the evidence of all their lines.
        label_list: labels of the two classes.
    """

    lang_type: str = setting(value_rules.one_of(CLS_LANGUAGES, kind="LangCls"), "ch")
    task_type: str = setting(value_rules.one_of(("cls",), kind="TaskType"), "cls")
    ocr_version: str = setting(value_rules.one_of(VERSIONS, kind="OCRVersion"), "PP-OCRv4")
    cls_image_shape: tuple[int, ...] = setting(
        value_rules.shape("Must be [3, H, W] in pixels.", lambda found: found[0] == 3), (3, 48, 192)
    )
    cls_batch_num: int = setting(value_rules.count(), 6)
    cls_thresh: float = setting(value_rules.number(0, 1), 0.9)
    label_list: tuple[str, ...] = setting(value_rules.labels("0", "180"), ("0", "180"))


@dataclass(frozen=True, kw_only=True)
class RecSection(StageSection):
    """``Rec``: recognition of text.

    Attributes:
        rec_keys_path: the characters of the model's classes; null for those in the model.
        rec_img_shape: channels, height and width of the network's input; the width has no effect,
            as lines are never squeezed or padded to fit others.
        rec_batch_num: no effect, as results do not depend on batches.
        font_path: not used, as nothing is drawn.
        heads: the output layers that read (``auto``, ``base``, or names, separated by commas).
        languages: languages or scripts, separated by commas, whose characters may be read; null
            for all characters of the model.
        characters: further characters that may be read, in addition to those of ``languages``.
        umlauts: how to write umlauts with a small e above, if a head tells them apart: ``modern``,
            ``as-printed``, or ``auto`` for the head's own choice.
        abbreviations: how to write those of early prints: ``as-printed``, or ``resolved`` where a
            rule tells what they stand for.
    """

    lang_type: str = setting(value_rules.one_of(REC_LANGUAGES, kind="LangRec"), "ch")
    task_type: str = setting(value_rules.one_of(("rec",), kind="TaskType"), "rec")
    rec_keys_path: str | None = setting(value_rules.path(), None)
    rec_img_shape: tuple[int, ...] = setting(
        value_rules.shape("Must be [3, 48, W] in pixels.", lambda found: found[:2] == (3, 48)),
        (3, 48, 320),
    )
    rec_batch_num: int = setting(value_rules.count(), 6)
    font_path: str | None = setting(value_rules.path(), None)
    heads: str = setting(value_rules.names(), "auto")
    languages: str | None = setting(value_rules.names(null=True), None)
    characters: str | None = setting(value_rules.text(), None)
    umlauts: str = setting(value_rules.one_of(("auto", "modern", "as-printed")), "auto")
    abbreviations: str = setting(value_rules.one_of(("as-printed", "resolved")), "as-printed")


#: Defaults by ``Det.profile``, on top of those of the classes. ``paddle`` has the values of the
#: PP-OCRv6 detection models' own ``inference.yml`` and of PaddleOCR's pipeline.
PROFILES: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "rapidocr": {},
    "paddle": {
        "Global": {"max_side_len": 4000},
        "Det": {
            "limit_side_len": 64,
            "limit_type": "min",
            "mean": [0.485, 0.456, 0.406],
            "std": [0.229, 0.224, 0.225],
            "thresh": 0.2,
            "box_thresh": 0.45,
            "max_candidates": 3000,
            "unclip_ratio": 1.4,
            "use_dilation": False,
        },
    },
}
