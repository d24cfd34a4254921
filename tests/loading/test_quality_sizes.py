# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The table of sizes: every size stands for something that there is."""

from __future__ import annotations

from typing import Any

import pytest

from ocrd_rapid.config.packaged import packaged_json
from ocrd_rapid.config.parameters import complete_parameters
from ocrd_rapid.config.tools import tool_description
from ocrd_rapid.loading.quality_sizes import DEFAULT_SIZE, SIZES, size_parameters
from ocrd_rapid.resmgr import catalogue
from ocrd_rapid.resmgr.locations import module_dir

DETECT, RECOGNIZE = "ocrd-rapid-detect", "ocrd-rapid-recognize"

every_size = pytest.mark.parametrize("size", SIZES)
every_processor = pytest.mark.parametrize("executable", [DETECT, RECOGNIZE])


def declared(executable: str) -> dict[str, Any]:
    parameters: dict[str, Any] = tool_description(executable)["parameters"]
    return parameters


def test_the_table_has_the_sizes_and_nothing_else() -> None:
    table = packaged_json("loading/quality_sizes.json")
    assert tuple(table) == SIZES
    assert all(set(size) == {DETECT, RECOGNIZE} for size in table.values())
    # A parameter that one size has, all have: the larger one is not that of the default.
    for executable in (DETECT, RECOGNIZE):
        assert len({tuple(size[executable]) for size in table.values()}) == 1


@every_processor
def test_the_parameter_has_the_sizes(executable: str) -> None:
    quality = declared(executable)["quality"]
    assert (tuple(quality["enum"]), quality["default"]) == (SIZES, DEFAULT_SIZE)


@every_size
@every_processor
def test_every_size_stands_for_parameters_that_are_allowed(size: str, executable: str) -> None:
    given = size_parameters(size, executable)
    complete = complete_parameters(given, tool_description(executable), executable=executable)
    assert given.items() <= complete.items()
    model = catalogue.find(executable, given["model"])
    assert model is not None and model.model_type


@every_processor
def test_the_default_size_is_what_the_defaults_are(executable: str) -> None:
    for name, value in size_parameters(DEFAULT_SIZE, executable).items():
        assert declared(executable)[name]["default"] == value
    model = catalogue.find(executable, size_parameters(DEFAULT_SIZE, executable)["model"])
    assert model is not None and model.in_package


def test_the_fast_one_asks_less_of_the_networks() -> None:
    fast, balanced = (
        size_parameters(size, DETECT) | size_parameters(size, RECOGNIZE)
        for size in ("fast", "balanced")
    )
    assert fast["input_scale"] < balanced["input_scale"]
    sizes = [
        module_dir(RECOGNIZE).joinpath(size_parameters(size, RECOGNIZE)["model"]).stat().st_size
        for size in ("fast", "balanced")
    ]
    assert sizes[0] < sizes[1]


def test_what_is_no_size_stands_for_nothing() -> None:
    assert size_parameters("", DETECT) == {}
    assert size_parameters("best", "ocrd-rapid-classify") == {}
