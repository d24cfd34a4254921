# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Environment variables that steer us."""

from __future__ import annotations

import pytest

from ocrd_rapid.config.environment import flag, max_pixels, offline, positive_integer
from ocrd_rapid.errors import ConfigurationError, ExitCode


@pytest.mark.parametrize("value", ["1", "true", "True", "YES", "on", " 1 "])
def test_a_flag_is_set_by(value: str) -> None:
    assert flag("X", environ={"X": value}) is True


@pytest.mark.parametrize("value", ["", " ", "0", "false", "False", "NO", "off"])
def test_a_flag_is_unset_by(value: str) -> None:
    assert flag("X", default=True, environ={"X": value}) is False


@pytest.mark.parametrize("default", [True, False])
def test_a_flag_that_is_not_there_has_its_default(default: bool) -> None:
    assert flag("X", default, environ={"Y": "1"}) is default


@pytest.mark.parametrize("value", ["maybe", "2", "ja"])
def test_any_other_value_of_a_flag_is_an_error_that_names_both(value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"variable X: '{value}' is neither") as caught:
        flag("X", environ={"X": value})
    assert caught.value.exit_code is ExitCode.PARAMETER


def test_offline_reads_the_environment_at_the_time_of_the_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert offline() is False
    monkeypatch.setenv("OCRD_RAPID_OFFLINE", "1")
    assert offline() is True
    monkeypatch.setenv("OCRD_RAPID_OFFLINE", "0")
    assert offline() is False


@pytest.mark.parametrize(("value", "number"), [("1", 1), (" 900000000 ", 900_000_000)])
def test_a_number_is_read(value: str, number: int) -> None:
    assert positive_integer("X", 5, environ={"X": value}) == number


@pytest.mark.parametrize("environ", [{}, {"X": ""}, {"X": "  "}])
def test_a_number_that_is_not_there_has_its_default(environ: dict[str, str]) -> None:
    assert positive_integer("X", 5, environ=environ) == 5


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "many", "1e9", "٣", "²", "9" * 5000])
def test_what_is_no_number_is_an_error_that_names_the_variable(value: str) -> None:
    with pytest.raises(ConfigurationError, match=r"variable X: .* is not a whole number above"):
        positive_integer("X", 5, environ={"X": value})


def test_the_pixel_limit_is_read_at_the_time_of_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    assert max_pixels() == 500_000_000
    monkeypatch.setenv("OCRD_RAPID_MAX_PIXELS", "1234")
    assert max_pixels() == 1234
