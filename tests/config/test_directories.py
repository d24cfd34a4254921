# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The user's directories, and what there is where the user has no home."""

from __future__ import annotations

import os
import pwd
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ocrd_rapid.config import directories
from ocrd_rapid.errors import ExitCode, StorageError

VARIABLES = ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")
HOMES: dict[str, Callable[[], Path | None]] = {
    "XDG_DATA_HOME": directories.data_home,
    "XDG_CONFIG_HOME": directories.config_home,
    "XDG_CACHE_HOME": directories.cache_home,
}
BELOW_HOME = {
    "XDG_DATA_HOME": ".local/share",
    "XDG_CONFIG_HOME": ".config",
    "XDG_CACHE_HOME": ".cache/ocrd-rapid",
}

every_directory = pytest.mark.parametrize("variable", VARIABLES)


@pytest.fixture(autouse=True)
def own_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Leave no variable but HOME; give a directory for temporary files."""
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture(params=["unset", "empty", "relative", "missing"])
def no_home(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Take the home away; return what the message says of it."""

    def unknown(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    if request.param == "unset":
        monkeypatch.delenv("HOME")
        return f"HOME is not set, and user {os.getuid()} is not known here"
    value = {"empty": "", "relative": "home", "missing": str(tmp_path / "none")}[request.param]
    monkeypatch.setenv("HOME", value)
    missing = f"{value} does not exist"
    return missing if request.param == "missing" else f"HOME is '{value}', not an absolute path"


@every_directory
def test_default_is_below_the_home(variable: str, own_home: Path) -> None:
    assert HOMES[variable]() == own_home / BELOW_HOME[variable]


@every_directory
@pytest.mark.parametrize("value", ["", "relative/path", "~/x"])
def test_what_is_not_absolute_counts_as_not_set(
    variable: str, value: str, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    assert HOMES[variable]() == own_home / BELOW_HOME[variable]


@every_directory
def test_a_variable_is_enough(
    variable: str, no_home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, str(tmp_path / "given"))
    rest = "ocrd-rapid" if variable == "XDG_CACHE_HOME" else ""
    assert HOMES[variable]() == tmp_path / "given" / rest


@pytest.mark.parametrize("variable", ["XDG_DATA_HOME", "XDG_CONFIG_HOME"])
def test_without_a_home_the_error_says_what_to_set(variable: str, no_home: str) -> None:
    with pytest.raises(StorageError) as caught:
        HOMES[variable]()
    assert str(caught.value) == f"there is no home directory ({no_home}); set HOME or {variable}"
    assert caught.value.exit_code == ExitCode.STORAGE


def test_without_a_home_only_the_temporary_cache_is_left(no_home: str, own_tmp: Path) -> None:
    folder = own_tmp / f"ocrd-rapid-{os.getuid()}"
    assert directories.cache_home() is None
    assert directories.temporary_cache() == folder


def test_a_cache_that_others_may_write_to_is_not_used(no_home: str, own_tmp: Path) -> None:
    folder = own_tmp / f"ocrd-rapid-{os.getuid()}"
    folder.mkdir()
    folder.chmod(0o777)
    assert directories.temporary_cache() is None


def test_a_link_in_its_place_is_not_used(no_home: str, own_tmp: Path, tmp_path: Path) -> None:
    (own_tmp / f"ocrd-rapid-{os.getuid()}").symlink_to(tmp_path)
    assert directories.temporary_cache() is None


def test_a_tilde_that_stands_for_nobody_stays(no_home: str, tmp_path: Path) -> None:
    assert directories.expanded("~nobody-of-this-name/x") == Path("~nobody-of-this-name/x")


def test_a_tilde_is_the_home(own_home: Path) -> None:
    assert directories.expanded("~/x") == own_home / "x"
