# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Where resources are looked up, and what is said when they are not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import ocrd_rapid
from ocrd_rapid.config import directories, tools
from ocrd_rapid.errors import ExitCode, ResourceNotFoundError
from ocrd_rapid.resmgr import catalogue, locations
from ocrd_rapid.resmgr.locations import Location, resolve, resource_dir, search_path

EXECUTABLE = "ocrd-rapid-recognize"
VARIABLE = "OCRD_RAPID_RECOGNIZE_PATH"
NAME = "my.onnx"
#: Before the fixture `system_share` replaces it.
SYSTEM_SHARE = locations.SYSTEM_SHARE


@pytest.fixture
def places(
    tmp_path: Path,
    data: Path,
    system_share: Path,
    module_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> dict[str, Path]:
    """Return the places of the search path in their order, each with a file of the same name."""
    directories = {
        "cwd": tmp_path / "cwd",
        "first": tmp_path / "first",
        "second": tmp_path / "second",
        "data": data / EXECUTABLE,
        "system": system_share / "ocrd-resources" / EXECUTABLE,
        "module": module_dir,
    }
    for origin, directory in directories.items():
        directory.mkdir(parents=True, exist_ok=True)
        (directory / NAME).write_text(origin, encoding="utf-8")
    monkeypatch.chdir(directories["cwd"])
    monkeypatch.setenv(VARIABLE, f"{directories['first']}{os.pathsep}{directories['second']}")
    return directories


def found(name: str = NAME) -> str:
    return resolve(name, EXECUTABLE).read_text(encoding="utf-8")


def test_places_are_searched_in_the_order_of_core(places: dict[str, Path]) -> None:
    """Each place in turn has the file that is found, once those before it have none."""
    order = []
    for directory in places.values():
        order.append(found())
        assert resolve(NAME, EXECUTABLE) == directory / NAME
        (directory / NAME).unlink()
    assert order == ["cwd", "first", "second", "data", "system", "module"]
    with pytest.raises(ResourceNotFoundError):
        found()


def test_the_search_path_names_each_place_and_where_it_comes_from(places: dict[str, Path]) -> None:
    path = [(place.origin, place.directory) for place in search_path(EXECUTABLE)]
    assert path == [
        ("cwd", places["cwd"]),
        ("env", places["first"]),
        ("env", places["second"]),
        ("data", places["data"]),
        ("system", places["system"]),
        ("module", places["module"]),
    ]


def test_directories_that_do_not_exist_are_on_the_search_path(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    path = search_path(EXECUTABLE, environ={VARIABLE: str(missing)})
    assert missing in [place.directory for place in path]


@pytest.mark.parametrize("value", ["", ":", "::"])
def test_empty_entries_of_the_variable_are_not_the_current_directory(value: str) -> None:
    path = search_path(EXECUTABLE, environ={VARIABLE: value.replace(":", os.pathsep)})
    assert [place.origin for place in path] == ["cwd", "data", "system", "module"]


def test_empty_entries_between_directories_are_left_out(places: dict[str, Path]) -> None:
    for origin in ("cwd", "first"):
        (places[origin] / NAME).unlink()
    value = os.pathsep.join(["", str(places["first"]), "", str(places["second"]), ""])
    path = resolve(NAME, EXECUTABLE, environ={VARIABLE: value})
    assert path == places["second"] / NAME


def test_every_processor_has_a_variable_of_its_own(places: dict[str, Path]) -> None:
    assert locations.environment_variable("ocrd-rapid-detect") == "OCRD_RAPID_DETECT_PATH"
    (places["cwd"] / NAME).unlink()
    with pytest.raises(ResourceNotFoundError):
        resolve(NAME, "ocrd-rapid-nothing", cwd=places["cwd"])


def test_an_absolute_path_is_returned_unchanged(places: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "elsewhere" / "x.onnx"
    path.parent.mkdir()
    path.touch()
    assert resolve(str(path), EXECUTABLE) == path


def test_a_path_below_the_home_directory_is_found_where_no_shell_expands_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    model = tmp_path / "mine" / "x.onnx"
    model.parent.mkdir()
    model.touch()
    assert resolve("~/mine/x.onnx", EXECUTABLE) == model
    with pytest.raises(ResourceNotFoundError, match="~nobody-of-this-name/x"):
        resolve("~nobody-of-this-name/x.onnx", EXECUTABLE)


def test_an_absolute_path_that_is_not_there_is_not_looked_up_by_its_name(
    places: dict[str, Path], tmp_path: Path
) -> None:
    with pytest.raises(ResourceNotFoundError):
        resolve(str(tmp_path / "nowhere" / NAME), EXECUTABLE)


@pytest.mark.parametrize("origin", ["cwd", "second", "data", "system", "module"])
def test_a_relative_path_is_looked_up_below_every_place(
    origin: str, places: dict[str, Path]
) -> None:
    path = places[origin] / "sub" / "deep.onnx"
    path.parent.mkdir()
    path.touch()
    assert resolve("sub/deep.onnx", EXECUTABLE) == path


def test_a_directory_is_a_resource_too(places: dict[str, Path]) -> None:
    (places["data"] / "bundle").mkdir()
    assert resolve("bundle", EXECUTABLE) == places["data"] / "bundle"


def test_the_file_is_found_as_it_is_named_in_a_parameter(
    places: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = {"url": "http://h/deu.traineddata", "parameter_usage": "without-extension"}
    bundled = catalogue.parse_catalogue({EXECUTABLE: [entry]})
    monkeypatch.setattr(catalogue, "bundled", lambda: bundled)
    (places["system"] / "deu.traineddata").touch()
    assert resolve("deu", EXECUTABLE) == places["system"] / "deu.traineddata"


@pytest.mark.parametrize("variable", ["XDG_DATA_HOME", "XDG_CONFIG_HOME"])
def test_the_homes_of_xdg_have_defaults_below_the_home_directory(
    variable: str, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(variable)
    default = {"XDG_DATA_HOME": ".local/share", "XDG_CONFIG_HOME": ".config"}[variable]
    home = {"XDG_DATA_HOME": directories.data_home, "XDG_CONFIG_HOME": directories.config_home}
    assert home[variable]() == own_home / default


def test_each_location_has_its_directory(
    places: dict[str, Path], data: Path, system_share: Path
) -> None:
    assert resource_dir(Location.DATA, EXECUTABLE) == data / EXECUTABLE
    assert resource_dir(Location.SYSTEM, EXECUTABLE) == places["system"]
    assert resource_dir(Location.CWD, EXECUTABLE) == places["cwd"]
    assert resource_dir(Location.MODULE, EXECUTABLE) == places["module"]


def test_the_system_location_is_that_of_core() -> None:
    assert str(SYSTEM_SHARE / locations.RESOURCES) == "/usr/local/share/ocrd-resources"


def test_the_module_directories_hold_nothing_but_models() -> None:
    root = Path(ocrd_rapid.__file__).parent / "models"
    assert list(root.rglob("*.py")) == []
    # Whatever lies in a directory is a resource of that processor, for OCR-D, but README.md.
    suffixes = {path.suffix for path in root.glob("*/*") if path.name != "README.md"}
    assert suffixes == {".npz", ".onnx"}


@pytest.mark.parametrize("executable", tools.executables())
def test_every_module_directory_exists_because_core_lists_it_without_looking(
    executable: str,
) -> None:
    assert (Path(ocrd_rapid.__file__).parent / "models" / executable / "README.md").is_file()


# What is said


def complaint(name: str, executable: str = EXECUTABLE) -> str:
    with pytest.raises(ResourceNotFoundError) as caught:
        resolve(name, executable)
    assert caught.value.exit_code is ExitCode.RESOURCE_NOT_FOUND
    return str(caught.value)


def test_a_resource_of_the_catalogue_that_is_missing_names_the_command_that_installs_it() -> None:
    assert complaint("PP-OCRv6_rec_small.onnx") == (
        "could not find resource 'PP-OCRv6_rec_small.onnx' for ocrd-rapid-recognize;"
        " install it with: ocrd-rapid resmgr download ocrd-rapid-recognize PP-OCRv6_rec_small.onnx"
    )


def test_a_name_with_a_slip_is_answered_with_the_nearest_names() -> None:
    message = complaint("PP-OCRv6_rec_smal.onnx")
    assert "neither as a file nor in the catalogue" in message
    assert "did you mean PP-OCRv6_rec_small.onnx" in message
    assert "'ocrd-rapid resmgr list-available -e ocrd-rapid-recognize'" in message


def test_a_name_like_no_other_is_answered_without_a_guess() -> None:
    message = complaint("zzzzzzzz")
    assert "did you mean" not in message
    assert "'ocrd-rapid resmgr list-available -e ocrd-rapid-recognize'" in message


def test_a_resource_of_another_processor_is_not_offered() -> None:
    message = complaint("PP-OCRv6_det_small.onnx", "ocrd-rapid-classify")
    assert "install it with" not in message


def test_a_name_that_is_too_long_for_a_file_is_not_found() -> None:
    assert "could not find resource" in complaint("x" * 300)
