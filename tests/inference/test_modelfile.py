# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Files that are no models are known before an engine sees them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocrd_rapid.errors import EngineError, ExitCode, ModelError, ModelFileNotFoundError
from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.model import EngineConfig
from ocrd_rapid.inference.modelfile import check_model_file

GOOD = (Path(__file__).resolve().parent / "tiny.onnx").read_bytes()

#: Where the metadata begins, the last field of tiny.onnx: what ends there is a model without it.
WITHOUT_METADATA = GOOD.rindex(b"\x72", 0, GOOD.rindex(b"character"))


def _opset_begins() -> int:
    """Return where the field before the metadata begins."""
    return GOOD.rindex(b"\x42", 0, WITHOUT_METADATA)


BROKEN = {
    "text": (b"<html>404 Not Found</html>\n" * 50, "it is not an ONNX file"),
    "list": (b"\nfirst\nsecond\n", "it is not an ONNX file"),
    "empty": (b"", "it is empty"),
    "half": (GOOD[: len(GOOD) // 2], "it is damaged or cut off (it has {size} bytes)"),
    "no opset": (GOOD[: _opset_begins()], "it is damaged or cut off (it has {size} bytes)"),
    "more": (GOOD + b"\xff", "it is damaged or cut off (it has {size} bytes)"),
    "endless": (b"\x08\x08\x3a" + b"\xff" * 30, "it is damaged or cut off (it has {size} bytes)"),
    "huge": (b"\x08\x08\x3a" + b"\xff" * 8 + b"\x7f", "it is damaged or cut off (it has"),
    "pointer": (b"version https://git-lfs.github.com/spec/v1\n", "it is not an ONNX file"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_damaged_file_is_refused_in_one_line_that_names_it(
    tmp_path: Path, engine: str, kind: str, capfd: pytest.CaptureFixture[str]
) -> None:
    content, fault = BROKEN[kind]
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(content)
    with pytest.raises(ModelError) as caught:
        load_model(broken, EngineConfig(engine))
    expected = f"model {broken} cannot be loaded: {fault.format(size=len(content))}"
    assert str(caught.value).startswith(expected)
    assert "\n" not in str(caught.value)
    assert not isinstance(caught.value, EngineError)
    assert capfd.readouterr() == ("", "")


def test_a_file_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.onnx"
    whole = []
    for length in range(len(GOOD) + 1):
        path.write_bytes(GOOD[:length])
        try:
            check_model_file(path)
        except ModelError:
            continue
        whole.append(length)
    assert whole == [WITHOUT_METADATA, len(GOOD)]


@settings(
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.dictionaries(st.integers(0, len(GOOD) - 1), st.integers(0, 255), min_size=1, max_size=5))
def test_changed_bytes_are_refused_or_harmless(
    tmp_path: Path, engine: str, changes: dict[int, int]
) -> None:
    content = bytearray(GOOD)
    for offset, value in changes.items():
        content[offset] = value
    path = tmp_path / "changed.onnx"
    path.write_bytes(content)
    try:
        model = load_model(path, EngineConfig(engine))
    except ModelError as error:
        assert str(path) in str(error)
    else:
        for size in (*model.input_shape, *model.output_shape):
            assert size is None or size > 0
        assert set(map(type, model.metadata.values())) <= {str}


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "it is empty"),
        (b"<", "it is not an OpenVINO network"),
        (b"\x08\x08", "it is not an OpenVINO network"),
        (b"<html><p>404</html>", "it is not an OpenVINO network"),
        (b"<html/>", "it is not an OpenVINO network"),
        (b"<net><layers>", "it is damaged or cut off (no element found: line 1, column 13)"),
    ],
)
def test_an_xml_file_that_is_no_network_is_refused(
    converted: Path, content: bytes, fault: str, capfd: pytest.CaptureFixture[str]
) -> None:
    converted.write_bytes(content)
    with pytest.raises(ModelError) as caught:
        load_model(converted, EngineConfig("openvino"))
    assert str(caught.value) == f"model {converted} cannot be loaded: {fault}; install it again"
    assert capfd.readouterr() == ("", "")


@settings(
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(part=st.floats(0, 1, exclude_max=True))
def test_an_xml_file_cut_off_anywhere_is_refused(converted: Path, part: float) -> None:
    whole = converted.read_bytes().rstrip()
    cut = converted.with_name("cut.xml")
    cut.write_bytes(whole[: int(part * len(whole))])
    cut.with_suffix(".bin").write_bytes(converted.with_suffix(".bin").read_bytes())
    with pytest.raises(ModelError, match=r"cut\.xml cannot be loaded: it is "):
        check_model_file(cut)


@pytest.mark.parametrize("length", [0, 1, 50])
def test_weights_cut_off_are_refused(
    converted: Path, length: int, capfd: pytest.CaptureFixture[str]
) -> None:
    weights = converted.with_suffix(".bin")
    weights.write_bytes(weights.read_bytes()[:length])
    with pytest.raises(ModelError) as caught:
        load_model(converted, EngineConfig("openvino"))
    assert str(caught.value) == (
        f"model {converted} cannot be loaded: Incorrect weights in bin file!"
    )
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["model.xml", "MODEL.XML"])
def test_the_weights_that_an_xml_file_lacks_are_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("<net/>")
    with pytest.raises(ModelFileNotFoundError) as caught:
        load_model(path, EngineConfig("openvino"))
    weights = path.with_suffix(".bin")
    assert str(caught.value) == f"model {path}: its weights {weights} do not exist"
    assert isinstance(caught.value, FileNotFoundError)
    assert caught.value.exit_code == ExitCode.MODEL


def test_a_file_of_any_other_suffix_is_left_to_the_engine(tmp_path: Path, tiny: Path) -> None:
    path = tmp_path / "tiny.ort"
    shutil.copyfile(tiny, path)
    check_model_file(path)


def test_a_file_that_may_not_be_read_is_named(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ModelError) as caught:
        check_model_file(tiny)
    assert str(caught.value) == f"model {tiny} cannot be read: Permission denied"
