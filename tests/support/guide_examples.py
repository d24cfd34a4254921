# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The complete configurations of HKMC's offline guide, to the letter."""

ABSOLUTE = """
Global:
  text_score: 0.5
  use_det: true
  use_cls: true
  use_rec: true

EngineConfig:
  openvino:
    device_name: "NPU"
    performance_hint: "LATENCY"

  onnxruntime:
    use_cuda: true
    cuda_ep_cfg:
      device_id: 0

Det:
  engine_type: "onnxruntime"
  lang_type: "ch"
  model_type: "mobile"
  ocr_version: "PP-OCRv4"
  task_type: "det"

  # Offline: Specify local model path
  model_path: "C:/ocr_models/ch_PP-OCRv4_det_infer.onnx"

  limit_side_len: 736
  limit_type: min
  thresh: 0.3
  box_thresh: 0.5

Cls:
  engine_type: "openvino"
  lang_type: "ch"
  model_type: "mobile"
  ocr_version: "PP-OCRv4"
  task_type: "cls"

  # Offline: Specify local model path (OpenVINO uses .xml)
  model_path: "C:/ocr_models/ch_ppocr_mobile_v2.0_cls_infer.xml"

  cls_image_shape: [3, 48, 192]
  cls_batch_num: 6
  cls_thresh: 0.9

Rec:
  engine_type: "onnxruntime"
  lang_type: "ch"
  model_type: "mobile"
  ocr_version: "PP-OCRv4"
  task_type: "rec"

  # Offline: Specify local model path
  model_path: "C:/ocr_models/ch_PP-OCRv4_rec_infer.onnx"

  # Offline: Specify local character dictionary
  rec_keys_path: "C:/ocr_models/ppocr_keys_v1.txt"

  rec_img_shape: [3, 48, 320]
  rec_batch_num: 6
"""

RELATIVE = """
Det:
  engine_type: "onnxruntime"
  model_path: "./models/det.onnx"  # Relative to current directory

Cls:
  engine_type: "openvino"
  model_path: "./models/cls.xml"

Rec:
  engine_type: "onnxruntime"
  model_path: "./models/rec.onnx"
  rec_keys_path: "./models/keys.txt"
"""

DIRECTORIES = """
Det:
  engine_type: "onnxruntime"
  model_dir: "C:/ocr_models/det_model/"  # Directory containing model files

Cls:
  engine_type: "openvino"
  model_dir: "C:/ocr_models/cls_model/"

Rec:
  engine_type: "onnxruntime"
  model_dir: "C:/ocr_models/rec_model/"
  rec_keys_path: "C:/ocr_models/ppocr_keys_v1.txt"
"""
