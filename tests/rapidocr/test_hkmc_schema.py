# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The keys and languages of the schema are those of RapidOCR and of the catalogue."""

from __future__ import annotations

from dataclasses import fields

import pytest

from ocrd_rapid.rapidocr import hkmc_schema as schema
from ocrd_rapid.resmgr import catalogue

#: RapidOCR 3.10's and HKMC's keys by section.
KEYS = {
    schema.GlobalSection: (
        "text_score use_det use_cls use_rec min_height width_height_ratio max_side_len"
        " min_side_len use_preprocess_img use_vertical_padding return_word_box"
        " return_single_char_box font_path log_level model_root_dir"
    ),
    schema.OnnxruntimeSection: (
        "intra_op_num_threads inter_op_num_threads enable_cpu_mem_arena cpu_ep_cfg use_cuda"
        " cuda_ep_cfg use_dml dml_ep_cfg use_cann cann_ep_cfg use_coreml coreml_ep_cfg"
    ),
    schema.CudaProvider: (
        "device_id arena_extend_strategy cudnn_conv_algo_search do_copy_in_default_stream"
    ),
    schema.OpenvinoSection: (
        "device_name inference_num_threads performance_hint performance_num_requests"
        " enable_cpu_pinning num_streams enable_hyper_threading scheduling_core_type"
    ),
    schema.DetSection: (
        "engine_type lang_type model_type ocr_version task_type model_path model_dir"
        " limit_side_len limit_type mean std thresh box_thresh max_candidates unclip_ratio"
        " use_dilation score_mode"
    ),
    schema.ClsSection: (
        "engine_type lang_type model_type ocr_version task_type model_path model_dir"
        " cls_image_shape cls_batch_num cls_thresh label_list"
    ),
    schema.RecSection: (
        "engine_type lang_type model_type ocr_version task_type model_path model_dir"
        " rec_keys_path rec_img_shape rec_batch_num font_path"
    ),
}


@pytest.mark.parametrize("section", list(KEYS), ids=lambda s: s.__name__)
def test_every_key_of_rapidocr_is_there(section: type) -> None:
    assert set(KEYS[section].split()) <= {item.name for item in fields(section)}


@pytest.mark.parametrize(
    ("executable", "languages"),
    [
        ("ocrd-rapid-detect", schema.DET_LANGUAGES),
        ("ocrd-rapid-classify", schema.CLS_LANGUAGES),
        ("ocrd-rapid-recognize", schema.REC_LANGUAGES),
    ],
)
def test_languages_are_those_of_the_catalogue(executable: str, languages: tuple[str, ...]) -> None:
    entries = [entry for entry in catalogue.bundled()[executable] if entry.model_type]
    assert set(languages) == {code for entry in entries for code in entry.languages}
    assert len(languages) == len(set(languages))
    assert {entry.version for entry in entries} <= set(schema.VERSIONS)
    assert {entry.model_type for entry in entries} <= set(schema.MODEL_TYPES)
