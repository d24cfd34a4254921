# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""YAML and JSON that anybody may have written gives plain data or an error, and soon."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid import plain_data
from ocrd_rapid.plain_data import MAX_DEPTH, parse_json, parse_yaml

PACKAGE = Path(plain_data.__file__).parent

_scalars = (
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.text()
    | st.floats(allow_nan=False, allow_infinity=False)
)  # fmt: skip
_plain = st.recursive(
    _scalars,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@pytest.fixture(params=["fast", "pure"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Read with the parser in C and with that in Python."""
    if request.param == "pure":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    return str(request.param)


@given(_plain, st.booleans())
def test_what_pyyaml_writes_is_read_as_pyyaml_reads_it(value: Any, flow: bool) -> None:
    text = yaml.safe_dump(value, default_flow_style=flow)
    assert parse_yaml(text) == yaml.safe_load(text) == value


@given(st.lists(st.dates() | st.datetimes() | st.times() | st.floats()))
def test_what_looks_like_something_else_survives_as_text(values: list[Any]) -> None:
    texts = [str(value) for value in values]
    assert parse_yaml(yaml.safe_dump(texts)) == texts


def test_the_catalogue_is_read_as_pyyaml_reads_it(parser: str) -> None:
    text = (PACKAGE / "resource_list.yml").read_text(encoding="utf-8")
    assert parse_yaml(text) == yaml.safe_load(text)


@given(st.text(st.sampled_from("ab:-?&*!|>'\"%@`,[]{}#<~ \n\t0x1._eE+\\u")))
def test_anything_is_plain_or_an_error(text: str) -> None:
    try:
        value = parse_yaml(text)
    except yaml.YAMLError:
        return
    json.dumps(value, allow_nan=False, default=pytest.fail)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2001-12-14", "2001-12-14"),
        ("2001-13-45", "2001-13-45"),
        ("2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"),
        ("12:30:45", "12:30:45"),
        ("0x_", "0x_"),
        ("0x1_f", 31),
        ("0b_1", 1),
        ("017", 15),
        ("089", "089"),
        ("1_000", 1000),
        ("-0", 0),
        ("1.5e+3", 1500.0),
        ("1e5", "1e5"),
        (".inf", ".inf"),
        ("-.INF", "-.INF"),
        (".nan", ".nan"),
        ("1.0e+999", "1.0e+999"),
        ("9" * 5000, "9" * 5000),
        ("1." + "9" * 5000, "1." + "9" * 5000),
        ("yes", True),
        ("'yes'", "yes"),
        ("~", None),
        ("", None),
        ("=", "="),
        ("!!str 5", "5"),
        ("! 5", "5"),
        ("!!int '5'", 5),
        ("!!float 5", 5.0),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
        ("a: &x {p: 1, q: 2}\nb: {q: 3, <<: *x}", {"a": {"p": 1, "q": 2}, "b": {"p": 1, "q": 3}}),
        ("<<: [{p: 1}, {p: 2, q: 2}]\np: 0", {"p": 0, "q": 2}),
    ],
)
def test_scalars_and_aliases(text: str, expected: Any, parser: str) -> None:
    found = parse_yaml(text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: !!float x", "'x' is not a valid float"),
        ("a: !!bool x", "'x' is not a valid bool"),
        ("a: !!int 1.5", "'1.5' is not a valid int"),
        ("a: !!int " + "9" * 5000, "is not a valid int"),
        ("a: !!null x", "'x' is not a valid null"),
        ("a: !!float .inf", "'.inf' is not a valid float"),
        ("a: !!timestamp 2001-13-45", "timestamp is not plain data"),
        ("a: !!binary aGFsbG8=", "binary is not plain data"),
        ("a: !!set {x}", "set is not plain data"),
        ("a: !!python/object/apply:os.system [ls]", "is not plain data"),
        ("a: !own x", "!own is not plain data"),
        ("a: &x [*x]", "stands for nothing, or for itself"),
        ("&x {<<: *x}", "stands for nothing, or for itself"),
        ("a: *x", "stands for nothing, or for itself"),
        ("[a]: b", "cannot be a key"),
        ("? {a: b}\n: c", "cannot be a key"),
        ("a: &x [1]\n*x : 2", "cannot be a key"),
        ("<<: 5", "<< takes a map"),
        ("a\n---\nb", "more than one document"),
        ("- " * 100 + "x", f"more than {MAX_DEPTH} lists and maps"),
        ("[" * 100 + "]" * 100, f"more than {MAX_DEPTH} lists and maps"),
    ],
)
def test_what_is_no_plain_data_is_an_error(text: str, problem: str, parser: str) -> None:
    with pytest.raises(yaml.YAMLError, match=problem):
        parse_yaml(text)


@pytest.mark.parametrize(
    "text", ['"\\ud800"', '"\\U7fffffff"', "%YAML 1." + "9" * 5000, "\0", "a\ud800"]
)
def test_odd_characters_are_an_error(text: str, parser: str) -> None:
    with pytest.raises(yaml.YAMLError):
        parse_yaml(text)


def test_aliases_of_aliases_are_counted(parser: str) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    with pytest.raises(yaml.YAMLError, match="values, those of aliases included"):
        parse_yaml("\n".join(lines))
    # The same with maps that are merged.
    lines = ["a0: &a0 {x: 1, y: 1}"]
    lines += [f"a{n}: &a{n} {{p: *a{n - 1}, q: *a{n - 1}}}" for n in range(1, 40)]
    with pytest.raises(yaml.YAMLError, match="values, those of aliases included"):
        parse_yaml("\n".join(lines))


def test_a_text_may_only_be_so_large() -> None:
    with pytest.raises(yaml.YAMLError, match="more than 16777216 characters"):
        parse_yaml("x: " + "a" * (17 << 20))


def test_what_is_bounded_is_so_by_the_number_of_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_data, "MAX_VALUES", 10)
    assert parse_yaml("[" + "x, " * 9 + "]") == ["x"] * 9
    with pytest.raises(yaml.YAMLError, match="more than 10 values"):
        parse_yaml("[" + "x, " * 10 + "]")
    with pytest.raises(yaml.YAMLError, match="more than 10 values"):
        parse_yaml("[" + "[], " * 10 + "]")


@given(_plain)
def test_json_is_read_as_it_is(value: Any) -> None:
    assert parse_json(json.dumps(value)) == value


@pytest.mark.parametrize(
    "text",
    [
        "NaN", "-Infinity", "1e999", "[1e999]", "9" * 5000, "[" * 100_000, "{", "",
        "[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2), '{"a":' * 80 + "1" + "}" * 80,
    ],
)  # fmt: skip
def test_what_is_no_plain_json_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        parse_json(text)
    assert len(str(caught.value)) < 200


def test_the_largest_float_is_one() -> None:
    assert parse_json("1.7976931348623157e308") == math.nextafter(math.inf, 0)
