"""From parameters to a model with its characters."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from ocrd_rapid.config.parameters import complete_parameters
from ocrd_rapid.config.tools import executables, tool_description
from ocrd_rapid.errors import IntegrityError, ModelError, ResourceNotFoundError, UsageError
from ocrd_rapid.inference.model import EngineConfig
from ocrd_rapid.inference.null import NullModel
from ocrd_rapid.loading.heads import find_head
from ocrd_rapid.loading.keys import KEYS_SUFFIXES
from ocrd_rapid.ocr.detection.detector import Detector
from ocrd_rapid.ocr.orientation import OrientationClassifier
from ocrd_rapid.ocr.recognition.recognizer import FullModel
from ocrd_rapid.processors import create, model_requests
from ocrd_rapid.rapidocr.model_files import SUFFIXES
from ocrd_rapid.resmgr import catalogue, locations

DETECT, RECOGNIZE = "ocrd-rapid-detect", "ocrd-rapid-recognize"
#: What models of the processors give.
SHAPES: dict[str, tuple[int | None, ...]] = {
    DETECT: (None, 1, None, None), "ocrd-rapid-classify": (None, 2), RECOGNIZE: (None, None, 100),
}  # fmt: skip
PARAMETERS = {name: tool_description(name)["parameters"] for name in executables()}
DEFAULT_MODELS = {
    name: declared["model"]["default"]
    for name, declared in PARAMETERS.items()
    if "model" in declared
}


@pytest.fixture(autouse=True)
def nothing_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the test the only one to install models, and go to an empty directory."""
    monkeypatch.setattr(locations, "SYSTEM_SHARE", tmp_path / "system")
    monkeypatch.setattr(locations, "module_dir", lambda _: tmp_path / "module")
    directory = tmp_path / "cwd"
    directory.mkdir()
    monkeypatch.chdir(directory)
    return directory


@pytest.fixture
def data(own_home: Path) -> Path:
    """Return the directory of the user's resources for recognition."""
    directory = own_home / "data" / "ocrd-resources" / RECOGNIZE
    directory.mkdir(parents=True)
    return directory


def parameters(executable: str, **given: object) -> dict[str, object]:
    return complete_parameters(given, tool_description(executable), executable=executable)


def loaded(
    path: Path, classes: int | None, metadata: Mapping[str, str] | None = None
) -> model_requests.LoadedModel:
    model = NullModel(lambda x: x, metadata or {}, output_shape=(None, None, classes))
    return model_requests.LoadedModel(model, path, 1, {})


# Threads


@pytest.mark.parametrize(
    ("executable", "given", "expected"),
    [
        (DETECT, {}, (2, 1)),  # half of three cores, rounded up
        (DETECT, {"engine": "openvino"}, (3, 1)),
        (DETECT, {"threads": 5}, (5, 1)),
        (RECOGNIZE, {}, (1, 3)),  # lines of all pages share the cores
        (RECOGNIZE, {"threads": 5}, (1, 5)),
    ],
)
def test_pages_that_are_found_leave_cores_to_those_that_are_read(
    nothing_installed: Path, monkeypatch: pytest.MonkeyPatch,
    executable: str, given: dict[str, object], expected: tuple[int, int],
) -> None:  # fmt: skip
    seen: list[EngineConfig] = []

    def remember(path: Path, config: EngineConfig, *, deferred: bool = False) -> NullModel:
        seen.append(config)
        return NullModel(lambda x: x, output_shape=SHAPES[executable])

    monkeypatch.setattr(model_requests, "available_cores", lambda: 3)
    monkeypatch.setattr(model_requests, "load_model", remember)
    (nothing_installed / "own.onnx").write_text("x")
    chosen = parameters(executable, model="own.onnx", **given)
    model_requests.load(executable, chosen, parallel=executable == RECOGNIZE)
    assert [(c.intra_op_threads, c.parallel_calls) for c in seen] == [expected]


# Finding


@pytest.mark.parametrize("executable", DEFAULT_MODELS)
def test_a_model_that_is_not_installed_is_named_with_the_command_that_installs_it(
    executable: str,
) -> None:
    with pytest.raises(ResourceNotFoundError) as caught:
        create(executable, parameters(executable))
    model = DEFAULT_MODELS[executable]
    assert f"could not find resource '{model}'" in str(caught.value)
    assert f"ocrd-rapid resmgr download {executable} {model}" in str(caught.value)


def test_a_model_of_ones_own_is_found_by_its_path(nothing_installed: Path) -> None:
    (nothing_installed / "own.onnx").write_text("x")
    assert model_requests.find(RECOGNIZE, "own.onnx") == nothing_installed / "own.onnx"
    assert model_requests.find(RECOGNIZE, str(nothing_installed / "own.onnx")).name == "own.onnx"


def test_a_known_model_with_another_content_is_refused(data: Path) -> None:
    model = DEFAULT_MODELS[RECOGNIZE]
    (data / model).write_text("damaged")
    with pytest.raises(IntegrityError) as caught:
        model_requests.find(RECOGNIZE, model)
    assert f"{model} from {data} has 7 bytes, expected " in str(caught.value)
    command = f"ocrd-rapid resmgr download --overwrite {RECOGNIZE} {model}"
    assert command in str(caught.value)


@pytest.mark.parametrize("executable", DEFAULT_MODELS)
@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_a_file_that_is_no_model_is_a_model_error_that_names_it(
    nothing_installed: Path, executable: str, engine: str
) -> None:
    pytest.importorskip(engine, reason=f"engine {engine} is not installed")
    path = nothing_installed / "own.onnx"
    path.write_text("this is no model")
    with pytest.raises(ModelError, match=r"model .*own\.onnx cannot be loaded: ."):
        create(executable, parameters(executable, model="own.onnx", engine=engine))


def test_a_directory_is_no_model(nothing_installed: Path) -> None:
    (nothing_installed / "own.onnx").mkdir()
    with pytest.raises(ModelError, match="is a directory, not a model file"):
        create(RECOGNIZE, parameters(RECOGNIZE, model="own.onnx"))


def test_there_is_no_other_processor() -> None:
    with pytest.raises(UsageError, match="there is no processor 'ocrd-rapid-guess'"):
        create("ocrd-rapid-guess", {})


# Models for another purpose

DETECTION = NullModel(lambda x: x, output_shape=(None, 1, None, None))
ORIENTATION = NullModel(lambda x: x, output_shape=(None, 2))
RECOGNITION = NullModel(lambda x: x, output_shape=(None, None, 100))
GREY = NullModel(lambda x: x, input_shape=(None, 1, None, None), output_shape=(None, 1, 1, 1))


@pytest.mark.parametrize("model", [ORIENTATION, RECOGNITION, GREY])
def test_a_detector_takes_detection_models_only(model: NullModel) -> None:
    with pytest.raises(ModelError, match="not a text detection model"):
        Detector(model)
    Detector(DETECTION)


@pytest.mark.parametrize("model", [DETECTION, RECOGNITION, GREY])
def test_a_classifier_takes_orientation_models_only(model: NullModel) -> None:
    with pytest.raises(ModelError, match="not a text line orientation model"):
        OrientationClassifier(model)
    OrientationClassifier(ORIENTATION)


@pytest.mark.parametrize("model", [DETECTION, ORIENTATION, GREY])
def test_a_recognizer_takes_recognition_models_only(model: NullModel) -> None:
    with pytest.raises(ModelError, match="not a text recognition model"):
        FullModel(model, ("", "a"))
    FullModel(RECOGNITION, ("", "a"))


# Characters


def test_a_model_that_carries_its_keys_needs_no_key_file(nothing_installed: Path) -> None:
    model = loaded(nothing_installed / "own.onnx", 5, {"character": "a\nb\nc"})
    assert model_requests.load_characters(RECOGNIZE, model, "") == ("", "a", "b", "c", " ")


def test_a_key_file_that_is_named_comes_first(nothing_installed: Path) -> None:
    (nothing_installed / "my.txt").write_text("x\ny\n")
    model = loaded(nothing_installed / "own.onnx", 4, {"character": "a\nb"})
    assert model_requests.load_characters(RECOGNIZE, model, "my.txt") == ("", "x", "y", " ")


def test_a_key_file_is_found_among_the_resources_by_the_name_of_the_model(
    data: Path, nothing_installed: Path
) -> None:
    (data / "own.txt").write_text("x\ny\nz\n")
    model = loaded(nothing_installed / "own.onnx", 5)
    assert model_requests.load_characters(RECOGNIZE, model, "") == ("", "x", "y", "z", " ")


def test_a_known_model_without_keys_asks_for_its_key_file(nothing_installed: Path) -> None:
    known = next(entry for entry in catalogue.bundled()[RECOGNIZE] if entry.keys)
    with pytest.raises(ResourceNotFoundError) as caught:
        model_requests.load_characters(RECOGNIZE, loaded(nothing_installed / known.name, 5), "")
    assert f"ocrd-rapid resmgr download {RECOGNIZE} {known.keys}" in str(caught.value)


def test_a_model_without_any_keys_says_how_to_name_them(nothing_installed: Path) -> None:
    with pytest.raises(ModelError, match=r"own\.onnx does not carry its keys; .* -P keys FILE"):
        model_requests.load_characters(RECOGNIZE, loaded(nothing_installed / "own.onnx", 5), "")


@pytest.mark.parametrize("classes", [2, 9])
def test_keys_that_do_not_belong_to_the_model_are_refused(
    nothing_installed: Path, classes: int
) -> None:
    (nothing_installed / "my.txt").write_text("a\nb\nc\nd\n")
    model = loaded(nothing_installed / "own.onnx", classes)
    with pytest.raises(ModelError, match=f"4 keys, but {classes} classes"):
        model_requests.load_characters(RECOGNIZE, model, "my.txt")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\xff"])
def test_a_key_file_that_is_none_is_refused(nothing_installed: Path, content: bytes) -> None:
    (nothing_installed / "my.txt").write_bytes(content)
    with pytest.raises(ModelError, match=r"key file .*my\.txt is (empty|not UTF-8)"):
        model_requests.load_characters(
            RECOGNIZE, loaded(nothing_installed / "own.onnx", 5), "my.txt"
        )


# Names without a suffix


def installed(executable: str, own_home: Path, name: str) -> Path:
    path = own_home / "data" / "ocrd-resources" / executable / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"model")
    return path


@pytest.mark.parametrize("executable", sorted(DEFAULT_MODELS))
def test_a_model_may_be_named_without_its_suffix(
    executable: str, own_home: Path, nothing_installed: Path
) -> None:
    path = installed(executable, own_home, "mymodel.onnx")
    (nothing_installed / "mymodel").mkdir()
    for suffixes in SUFFIXES.values():
        assert model_requests.find(executable, "mymodel", suffixes) == path
    better = installed(executable, own_home, "mymodel.xml")
    assert model_requests.find(executable, "mymodel", SUFFIXES["openvino"]) == better
    exact = installed(executable, own_home, "mymodel")
    assert model_requests.find(executable, "mymodel", SUFFIXES["onnxruntime"]) == exact


@pytest.mark.parametrize(
    ("name", "suggested"),
    [("mymodell", "mymodel.onnx"), ("MyModel.onn", "mymodel.onnx"), ("mymodl", "mymodel.onnx")],
)
def test_installed_names_are_suggested_by_spelling(
    name: str, suggested: str, own_home: Path
) -> None:
    installed(RECOGNIZE, own_home, "mymodel.onnx")
    with pytest.raises(ResourceNotFoundError, match=f"did you mean {suggested}"):
        model_requests.find(RECOGNIZE, name, SUFFIXES["onnxruntime"])


def test_a_known_model_without_its_suffix_is_named_with_the_command_that_installs_it() -> None:
    with pytest.raises(ResourceNotFoundError) as caught:
        model_requests.find(RECOGNIZE, "PP-OCRv6_rec_small", SUFFIXES["onnxruntime"])
    command = f"ocrd-rapid resmgr download {RECOGNIZE} PP-OCRv6_rec_small.onnx"
    assert str(caught.value).endswith(command)


def test_keys_and_heads_that_are_not_there_are_named_with_those_like_them(own_home: Path) -> None:
    installed(RECOGNIZE, own_home, "mykeys.txt")
    installed(RECOGNIZE, own_home, "model_mine.npz")
    assert model_requests.find(RECOGNIZE, "mykeys", KEYS_SUFFIXES).name == "mykeys.txt"
    with pytest.raises(ResourceNotFoundError, match=r"did you mean mykeys\.txt"):
        model_requests.find(RECOGNIZE, "mykey", KEYS_SUFFIXES)
    with pytest.raises(ResourceNotFoundError, match=r"did you mean model_mine\.npz"):
        find_head("mein", Path("model.onnx"))


def test_the_suffix_of_the_model_decides_on_the_engine(own_home: Path) -> None:
    installed(DETECT, own_home, "only.xml")
    installed(DETECT, own_home, "both.xml")
    installed(DETECT, own_home, "both.onnx")
    for name, engine in (
        ("only.xml", "openvino"), ("only", "openvino"), ("gone.XML", "openvino"),
        ("both", None), ("both.onnx", None), ("https://host/x.xml", None),
    ):  # fmt: skip
        assert model_requests.with_config(DETECT, {"model": name}).get("engine") == engine, name
    given = {"model": "only.xml", "engine": "onnxruntime"}
    assert model_requests.with_config(DETECT, given) == given


@pytest.mark.parametrize("executable", SHAPES)
@pytest.mark.parametrize("other", SHAPES)
def test_a_model_of_another_task_is_named_as_such_and_not_asked_for_keys(
    executable: str, other: str, monkeypatch: pytest.MonkeyPatch, nothing_installed: Path
) -> None:
    model = NullModel(lambda x: x, {}, output_shape=SHAPES[other])
    monkeypatch.setattr(model_requests, "load_model", lambda *args, **kwargs: model)
    path = nothing_installed / "own.onnx"
    path.write_text("x")
    chosen = parameters(executable, model=str(path))
    if executable == other:
        assert model_requests.load(executable, chosen, parallel=False).model is model
        return
    with pytest.raises(ModelError, match=rf"model {path}: not a text .* as {other} takes it"):
        model_requests.load(executable, chosen, parallel=False)
