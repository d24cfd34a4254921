# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Reading, merging and validating processor parameters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.config.parameters import complete_parameters, parse_parameters, parse_value
from ocrd_rapid.config.tools import executables, tool_description
from ocrd_rapid.errors import ExitCode, ParameterError

EXECUTABLE = "ocrd-rapid-detect"

TOOL: dict[str, Any] = {
    "parameters": {
        "level": {"type": "string", "enum": ["region", "line"], "default": "line"},
        "confidence": {
            "type": "number", "format": "float", "minimum": 0, "maximum": 1, "default": 0.5,
        },
        "count": {"type": "number", "format": "integer", "multipleOf": 1, "minimum": 0},
        "flag": {"type": "boolean", "default": False},
        "options": {"type": "object", "default": {}},
    }
}  # fmt: skip

#: What JSON can say, without NaN and infinities.
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


def complete(given: dict[str, Any], tool: dict[str, Any] = TOOL) -> dict[str, Any]:
    return complete_parameters(given, tool, executable=EXECUTABLE)


def complaint(given: dict[str, Any], tool: dict[str, Any] = TOOL) -> str:
    with pytest.raises(ParameterError) as caught:
        complete(given, tool)
    assert caught.value.exit_code is ExitCode.PARAMETER
    return str(caught.value)


# Values of -P


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("0.5", 0.5),
        ("true", True),
        ("null", None),
        ('"5"', "5"),
        ("[1, 2]", [1, 2]),
        ('{"a": {"b": 1}}', {"a": {"b": 1}}),
        ("onnxruntime", "onnxruntime"),
        ("True", "True"),
        ("a,b", "a,b"),
        ("", ""),
        ("05", "05"),
        ("{broken", "{broken"),
    ],
)
def test_a_value_that_is_json_is_read_as_such_and_anything_else_is_a_string(
    text: str, value: object
) -> None:
    read = parse_value(text)
    assert read == value
    assert type(read) is type(value)


@given(JSON)
def test_every_json_value_survives_being_written_and_read(value: Any) -> None:
    assert parse_value(json.dumps(value)) == value
    assert parse_value(json.dumps(value, ensure_ascii=False)) == value


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "[NaN]"])
def test_numbers_that_json_does_not_have_are_strings(text: str) -> None:
    assert parse_value(text) == text


@given(st.text().filter(lambda text: not text.strip() or text.strip()[0] not in '"[{-0123456789'))
def test_text_that_is_not_json_is_returned_unchanged(text: str) -> None:
    expected = {"true": True, "false": False, "null": None}.get(text.strip(" \t\r\n"), text)
    assert parse_value(text) == expected


# Merging -p and -P


def test_without_options_there_are_no_parameters() -> None:
    assert parse_parameters([]) == {}


def test_the_rightmost_of_several_p_wins_key_by_key() -> None:
    merged = parse_parameters(['{"a": 1, "b": 1}', '{"b": 2, "c": 2}', '{"c": 3}'])
    assert merged == {"a": 1, "b": 2, "c": 3}


def test_a_nested_object_is_replaced_and_not_merged() -> None:
    assert parse_parameters(['{"o": {"x": 1}}', '{"o": {"y": 2}}']) == {"o": {"y": 2}}


def test_overrides_come_after_all_p_and_the_rightmost_wins() -> None:
    merged = parse_parameters(['{"a": 1}', '{"a": 2, "b": 2}'], [("a", "3"), ("a", "four")])
    assert merged == {"a": "four", "b": 2}


def test_overrides_do_not_read_dots_in_a_key() -> None:
    assert parse_parameters(['{"a": {"b": 1}}'], [("a.b", "2")]) == {"a": {"b": 1}, "a.b": 2}


def test_keys_keep_the_order_in_which_they_were_first_given() -> None:
    merged = parse_parameters(['{"z": 1, "y": 1}', '{"a": 1, "z": 2}'], [("k", "1"), ("y", "2")])
    assert list(merged) == ["z", "y", "a", "k"]


@pytest.mark.parametrize("blank", ["", "   ", " \n\t "])
def test_a_blank_p_is_no_parameters(blank: str) -> None:
    assert parse_parameters(['{"a": 1}', blank]) == {"a": 1}


def test_comment_lines_are_left_out_of_json_text() -> None:
    text = '{\n# a comment with "quotes" {\n   # an indented one\n"a": "# no comment"\n}'
    assert parse_parameters([text]) == {"a": "# no comment"}


def test_a_file_is_read_with_its_comments_left_out(tmp_path: Path) -> None:
    path = tmp_path / "preset.json"
    path.write_text('# heading\n{"model": "ſtraße.onnx"}\n# end\n', encoding="utf-8")
    assert parse_parameters([str(path)]) == {"model": "ſtraße.onnx"}
    assert parse_parameters([f"file://{path}"]) == {"model": "ſtraße.onnx"}


def test_a_file_of_nothing_but_comments_is_no_parameters(tmp_path: Path) -> None:
    path = tmp_path / "preset.json"
    path.write_text("# only a comment\n\n", encoding="utf-8")
    assert parse_parameters([str(path)]) == {}


def test_a_preset_is_preferred_to_a_file_of_the_same_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("fast.json").write_text('{"from": "file"}', encoding="utf-8")
    preset = tmp_path / "elsewhere.json"
    preset.write_text('{"from": "preset"}', encoding="utf-8")
    asked: list[str] = []

    def find(name: str) -> Path | None:
        asked.append(name)
        return preset if name == "fast.json" else None

    assert parse_parameters(["fast.json"], find_preset=find) == {"from": "preset"}
    assert parse_parameters(["fast.json"]) == {"from": "file"}
    assert asked == ["fast.json"]


def test_presets_are_not_looked_up_for_json_text() -> None:
    def find(name: str) -> Path | None:
        raise AssertionError(f"looked up {name}")

    assert parse_parameters([' {"a": 1}'], find_preset=find) == {"a": 1}


@pytest.mark.parametrize("value", ["nowhere.json", "[1, 2]", "5"])
def test_what_is_neither_json_object_nor_file_is_an_error_that_quotes_it(
    value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ParameterError) as caught:
        parse_parameters([value])
    assert str(caught.value).startswith(
        f"-p: '{value}' is neither a JSON object nor a readable file or preset"
    )
    assert "No such file" in str(caught.value)


def test_a_directory_given_as_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="Is a directory"):
        parse_parameters([str(tmp_path)])


def test_a_file_that_is_not_text_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "binary.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ParameterError, match=r"binary\.json' is neither"):
        parse_parameters([str(path)])


def test_broken_json_text_is_an_error_that_says_where() -> None:
    with pytest.raises(ParameterError, match=r"^-p: not valid JSON: .*line 1 column"):
        parse_parameters(['{"a": }'])


def test_broken_json_in_a_file_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text('{\n"a": }', encoding="utf-8")
    with pytest.raises(ParameterError, match=r"broken\.json: not valid JSON: .*line 2"):
        parse_parameters([str(path)])


def test_a_file_with_json_that_is_no_object_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text("[1, 2]", encoding="utf-8")
    with pytest.raises(ParameterError, match=r"list\.json: not a JSON object: \[1, 2\]"):
        parse_parameters([str(path)])


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_every_object_survives_being_written_and_read(value: dict[str, Any]) -> None:
    assert parse_parameters([json.dumps(value)]) == value
    assert parse_parameters([json.dumps(value, ensure_ascii=False)]) == value


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85"])
def test_unicode_line_separators_inside_a_string_are_kept(character: str) -> None:
    value = {"a": f"x{character}y"}
    assert parse_parameters([json.dumps(value, ensure_ascii=False)]) == value


# Validation and defaults


def test_given_keys_come_first_then_defaults_as_declared() -> None:
    result = complete({"flag": True, "count": 3})
    assert list(result.items()) == [
        ("flag", True),
        ("count", 3),
        ("level", "line"),
        ("confidence", 0.5),
        ("options", {}),
    ]


def test_a_parameter_without_default_is_left_out() -> None:
    assert "count" not in complete({})


def test_completing_changes_neither_the_given_nor_the_description() -> None:
    given_parameters = {"flag": True}
    before = json.dumps(TOOL)
    complete(given_parameters)
    assert given_parameters == {"flag": True}
    assert json.dumps(TOOL) == before


@pytest.mark.parametrize(
    ("parameters", "parts"),
    [
        ({"level": "glyph"}, ['parameter level is "glyph", but must be one of region, line']),
        ({"confidence": 2}, ["parameter confidence is 2, but must be at most 1 "]),
        ({"confidence": -0.1}, ["parameter confidence is -0.1, but must be at least 0 "]),
        ({"confidence": "high"}, ['parameter confidence is "high", but must be a number ']),
        ({"count": 1.5}, ["parameter count is 1.5, but must be a whole number "]),
        ({"flag": "yes"}, ['parameter flag is "yes", but must be true or false ']),
        ({"flag": 1}, ["parameter flag is 1, but must be true or false "]),
        ({"confidence": True}, ["parameter confidence is true, but must be a number "]),
        ({"options": []}, ["parameter options is [], but must be a JSON object "]),
        ({"colour": 1}, ["there is no parameter colour;", "did you mean count"]),
        ({"confidense": 1}, ["there is no parameter confidense; did you mean confidence? "]),
        ({"zzz": 1, "yyy": 2}, ["no parameter zzz; there is no parameter yyy "]),
        ({"flag": "x" * 1000}, ['"' + "x" * 79 + "…, but must"]),
    ],
)
def test_a_wrong_value_is_named_with_its_key_and_what_is_allowed(
    parameters: dict[str, Any], parts: list[str]
) -> None:
    message = complaint(parameters)
    assert message.startswith("invalid parameters: ")
    assert [part for part in parts if part not in message] == []
    assert f"'{EXECUTABLE} --help'" in message


def test_a_missing_required_parameter_is_named() -> None:
    tool = {"parameters": {"model": {"type": "string", "required": True}}}
    assert "parameter model is required" in complaint({}, tool)
    assert complete({"model": "m"}, tool) == {"model": "m"}


def test_all_wrong_values_are_reported_at_once() -> None:
    message = complaint({"level": "glyph", "confidence": 2, "colour": 1})
    assert "parameter level is" in message
    assert "parameter confidence is 2, but must be at most 1" in message
    assert "there is no parameter colour" in message


def test_a_wrong_value_deep_in_an_object_is_named_by_its_path() -> None:
    inner = {"type": "object", "properties": {"x": {"type": "number"}}}
    message = complaint({"o": {"x": "y"}}, {"parameters": {"o": inner}})
    assert 'parameter o.x is "y", but must be a number' in message


def test_format_is_documentation_and_not_checked() -> None:
    tool = {"parameters": {"model": {"type": "string", "format": "uri"}}}
    assert complete({"model": "not a uri"}, tool) == {"model": "not a uri"}


def test_a_tool_without_parameters_accepts_none() -> None:
    assert complete({}, {}) == {}
    assert "there is no parameter x" in complaint({"x": 1}, {})


@pytest.mark.parametrize("executable", executables())
def test_the_defaults_of_every_processor_are_valid_and_complete(executable: str) -> None:
    tool = tool_description(executable)
    result = complete_parameters({}, tool, executable=executable)
    declared = tool["parameters"]
    assert list(result) == [name for name, spec in declared.items() if "default" in spec]
    assert result == {name: declared[name]["default"] for name in result}


def test_nan_is_not_a_number_between_0_and_1() -> None:
    assert 'confidence is "NaN"' in complaint({"confidence": parse_value("NaN")})
    with pytest.raises(ParameterError, match="not valid JSON: NaN"):
        parse_parameters(['{"confidence": NaN}'])


def test_no_schema_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError(f"a name was looked up: {arguments}")

    monkeypatch.setattr("socket.getaddrinfo", refuse)
    tool = {"parameters": {"size": {"$ref": "http://example.org/size.json", "default": 1}}}
    with pytest.raises(ParameterError, match=r"refers to http://example\.org/size\.json"):
        complete_parameters({}, tool, executable="ocrd-other")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a": ' + "[" * 200 + "]" * 200 + "}",
        '{"a": 1e999}',
        '{"a": ' + "9" * 5000 + "}",
    ],
)
def test_json_that_is_not_plain_is_a_parameter_error(text: str, tmp_path: Path) -> None:
    path = tmp_path / "parameters.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ParameterError, match="not valid JSON"):
        parse_parameters([str(path)])


@pytest.mark.parametrize("value", ["a\0", "a\x1b", "a\udcff", "a\uffff"])
def test_text_that_cannot_be_recorded_is_refused(value: Any) -> None:
    tool = {"parameters": {"model": {"type": ["string", "array"]}}}
    with pytest.raises(ParameterError, match=r"'model' is .* a character that XML cannot hold"):
        complete_parameters({"model": value}, tool, executable="ocrd-x")
