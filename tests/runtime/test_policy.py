# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What the environment says about trouble."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toys import Toy, content, fails_on, run, with_groups

from ocrd_rapid.errors import ConfigurationError, ImageError
from ocrd_rapid.runtime.policy import MissingInput, MissingOutput, Policy
from ocrd_rapid.runtime.step import Existing
from ocrd_rapid.workspace.workspace import Workspace


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, Policy()),
        ({"OCRD_MISSING_INPUT": "ABORT"}, Policy(missing_input=MissingInput.ABORT)),
        ({"OCRD_MISSING_OUTPUT": "SKIP"}, Policy()),
        ({"OCRD_MISSING_OUTPUT": "ABORT"}, Policy(missing_output=MissingOutput.ABORT)),
        ({"OCRD_MISSING_OUTPUT": "COPY"}, Policy(missing_output=MissingOutput.COPY)),
        ({"OCRD_MAX_MISSING_OUTPUTS": "0.5"}, Policy(tolerated=0.5)),
        ({"OCRD_MAX_MISSING_OUTPUTS": "-1"}, Policy(tolerated=-1)),
        ({"OCRD_EXISTING_OUTPUT": "ABORT"}, Policy(existing=Existing.ABORT)),
        ({"OCRD_EXISTING_OUTPUT": "SKIP"}, Policy(existing=Existing.SKIP)),
        ({"OCRD_EXISTING_OUTPUT": "OVERWRITE"}, Policy(existing=Existing.OVERWRITE)),
        ({"OCRD_MAX_PARALLEL_PAGES": "7"}, Policy(parallel_pages=7)),
        ({"OCRD_PROCESSING_PAGE_TIMEOUT": "1.5"}, Policy(page_timeout=1.5)),
        ({"OCRD_DOWNLOAD_INPUT": "true"}, Policy(download=True)),
        ({"OCRD_DOWNLOAD_INPUT": "0"}, Policy(download=False)),
    ],
)
def test_the_policy_is_read_from_the_environment(environ: dict[str, str], expected: Policy) -> None:
    assert Policy.from_environment(environ) == expected


def test_unless_told_otherwise_nothing_is_downloaded_and_a_tenth_may_fail() -> None:
    assert Policy.from_environment({}) == Policy(
        missing_input=MissingInput.SKIP, missing_output=MissingOutput.SKIP, tolerated=0.1,
        existing=None, parallel_pages=0, page_timeout=0, download=False,
    )  # fmt: skip


VARIABLES = [
    "OCRD_MISSING_INPUT", "OCRD_MISSING_OUTPUT", "OCRD_MAX_MISSING_OUTPUTS",
    "OCRD_EXISTING_OUTPUT", "OCRD_MAX_PARALLEL_PAGES", "OCRD_PROCESSING_PAGE_TIMEOUT",
    "OCRD_DOWNLOAD_INPUT",
]  # fmt: skip


@pytest.mark.parametrize("name", VARIABLES)
def test_an_empty_variable_counts_as_unset(name: str) -> None:
    assert Policy.from_environment({name: ""}) == Policy()


WRONG = [
    ("OCRD_MISSING_INPUT", "COPY", r"'COPY' is not allowed \(allowed are: SKIP, ABORT\)"),
    ("OCRD_MISSING_OUTPUT", "abort", r"'abort' is not allowed \(allowed are: SKIP, COPY, ABORT\)"),
    ("OCRD_EXISTING_OUTPUT", "yes", r"'yes' .* \(allowed are: ABORT, SKIP, OVERWRITE\)"),
    ("OCRD_MAX_MISSING_OUTPUTS", "many", "'many' is not a number"),
    ("OCRD_MAX_MISSING_OUTPUTS", "10%", "'10%' is not a number"),
    ("OCRD_MAX_MISSING_OUTPUTS", "nan", "'nan' is not a number"),
    ("OCRD_MAX_PARALLEL_PAGES", "-1", "'-1' is not a whole number of at least 0"),
    ("OCRD_MAX_PARALLEL_PAGES", "1.5", "'1.5' is not a whole number of at least 0"),
    ("OCRD_PROCESSING_PAGE_TIMEOUT", "-0.1", "'-0.1' is not a number of at least 0"),
    ("OCRD_PROCESSING_PAGE_TIMEOUT", "5s", "'5s' is not a number of at least 0"),
    ("OCRD_DOWNLOAD_INPUT", "maybe", "'maybe' is neither true nor false"),
]


@pytest.mark.parametrize(("name", "value", "message"), WRONG)
def test_values_that_are_not_allowed_end_the_run_before_it_begins(
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    message: str,
) -> None:
    before = content(workspace)
    monkeypatch.setenv(name, value)
    toy = Toy()
    with pytest.raises(ConfigurationError, match=f"environment variable {name}: {message}"):
        run(workspace, toy)
    assert toy.seen == []
    assert content(workspace) == before


@given(st.sampled_from(VARIABLES), st.text())
def test_any_text_is_a_policy_or_one_line_that_names_the_variable(name: str, text: str) -> None:
    try:
        policy = Policy.from_environment({name: text})
    except ConfigurationError as error:
        assert str(error).startswith(f"environment variable {name}: '")
    else:
        assert policy.parallel_pages >= 0
        assert policy.page_timeout >= 0
        assert not math.isnan(policy.tolerated)


def test_the_environment_decides_where_no_policy_is_given(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCRD_MAX_MISSING_OUTPUTS", "0.5")
    assert len(run(workspace, fails_on("P_1", "P_3")).failed) == 2
    monkeypatch.setenv("OCRD_MISSING_OUTPUT", "ABORT")
    with pytest.raises(ImageError):
        run(workspace, fails_on("P_1"), with_groups(output_group="OUT2"))


@pytest.mark.parametrize(
    ("tolerated", "failed", "total", "expected"),
    [
        (0.1, 0, 5, False),
        (0.1, 1, 10, False),
        (0.1, 2, 10, True),
        (0.1, 1, 9, True),
        (0, 1, 1000, True),
        (1, 10, 10, False),
        (-1, 10, 10, False),
        (math.inf, 10, 10, False),
    ],
)
def test_more_failures_than_tolerated_are_too_many(
    tolerated: float, failed: int, total: int, expected: bool
) -> None:
    assert Policy(tolerated=tolerated).exceeded(failed, total) is expected
