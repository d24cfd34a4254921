# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""One entry of a resource database."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.errors import ConfigurationError, ExitCode
from ocrd_rapid.resmgr.resource import UNKNOWN_URL, Resource

EXECUTABLE = "ocrd-rapid-recognize"
DIGEST = "ab" * 32
CORE_KEYS = {
    "url", "name", "description", "size",
    "type", "parameter_usage", "path_in_archive", "version_range",
}  # fmt: skip


def read(**entry: Any) -> Resource:
    return Resource.from_mapping(EXECUTABLE, entry)


def test_missing_keys_have_core_s_defaults() -> None:
    assert read(url="http://h/m.onnx", name="m.onnx") == Resource(
        EXECUTABLE, "m.onnx", "http://h/m.onnx",
        description="", size=0, type="file", parameter_usage="as-is",
        path_in_archive=".", version_range=">= 0.0.1",
        sha256="", mirrors=(), licence="", languages=(), engines=(), version="",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://h/dir/m.onnx", "m.onnx"),
        ("http://h/dir/m.onnx?download=1#sha256=ab", "m.onnx"),
        ("/media/stick/m.onnx", "m.onnx"),
        ("pypi:made_up==1.0/dir/m.onnx", "m.onnx"),
    ],
)
def test_without_a_name_the_last_part_of_the_url_is_the_name(url: str, name: str) -> None:
    assert read(url=url).name == name
    assert read(url=url, name="other").name == "other"


def test_a_hash_in_the_fragment_is_read_and_taken_off_the_url() -> None:
    resource = read(url=f"http://h/m.onnx#sha256={DIGEST}")
    assert (resource.url, resource.sha256) == ("http://h/m.onnx", DIGEST)


def test_the_key_sha256_is_preferred_to_the_fragment() -> None:
    assert read(url=f"http://h/m#sha256={DIGEST}", sha256="cd" * 32).sha256 == "cd" * 32


def test_a_hash_is_read_in_either_case() -> None:
    assert read(url="http://h/m", sha256="AB" * 32).sha256 == DIGEST
    assert read(url=f"http://h/m#sha256={DIGEST.upper()}").sha256 == DIGEST


def test_any_other_fragment_is_no_hash() -> None:
    assert read(url="http://h/m.onnx#part").sha256 == ""


@pytest.mark.parametrize("entry", [{}, {"name": "m.onnx"}])
def test_an_entry_without_url_is_an_error_that_names_the_executable(entry: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=f"{EXECUTABLE} without url") as caught:
        Resource.from_mapping(EXECUTABLE, entry)
    assert caught.value.exit_code is ExitCode.PARAMETER


def test_core_gets_exactly_the_eight_keys_that_its_schema_allows() -> None:
    resource = read(
        url="http://h/m", name="m", sha256=DIGEST, mirrors=["http://i/m"], licence="Apache-2.0",
        languages=["de"], engine=["openvino"], version="PP-OCRv6", model_type="small", keys="k",
    )  # fmt: skip
    core = resource.to_core()
    assert set(core) == CORE_KEYS
    assert core["url"] == f"http://h/m#sha256={DIGEST}"


def test_core_gets_a_plain_url_where_the_hash_is_not_known() -> None:
    assert read(url="http://h/m").to_core()["url"] == "http://h/m"


@given(
    st.fixed_dictionaries(
        {
            "url": st.sampled_from(["http://h/d/m.onnx", "/d/m.onnx", "pypi:n==1/d/m", "???"]),
            "name": st.text(min_size=1),
            "description": st.text(),
            "size": st.integers(min_value=0, max_value=10**18),
            "type": st.sampled_from(["file", "directory", "archive"]),
            "parameter_usage": st.sampled_from(["as-is", "without-extension"]),
            "path_in_archive": st.sampled_from([".", "a/b"]),
            "version_range": st.sampled_from([">= 0.0.1", "???"]),
        }
    )
)
def test_an_entry_of_core_comes_back_unchanged(entry: dict[str, Any]) -> None:
    assert Resource.from_mapping(EXECUTABLE, entry).to_core() == entry


def test_sources_are_the_url_and_then_the_mirrors() -> None:
    resource = read(url="http://h/m", mirrors=["http://i/m", "/d/m"])
    assert resource.sources == ("http://h/m", "http://i/m", "/d/m")


def test_an_unknown_url_is_no_source() -> None:
    assert read(url=UNKNOWN_URL, name="m", mirrors=["/d/m"]).sources == ("/d/m",)


@pytest.mark.parametrize(
    ("name", "usage", "value"),
    [
        ("deu.traineddata", "without-extension", "deu"),
        ("a.b.c", "without-extension", "a.b"),
        ("plain", "without-extension", "plain"),
        ("m.onnx", "as-is", "m.onnx"),
    ],
)
def test_a_parameter_names_a_resource_as_its_usage_says(name: str, usage: str, value: str) -> None:
    assert read(url="http://h/x", name=name, parameter_usage=usage).parameter_value == value
