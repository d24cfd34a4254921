# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from ocrd_rapid.errors import ConfigurationError
from ocrd_rapid.export.document_dates import document_date
from ocrd_rapid.ocr.page_model import ReadDocument


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=timezone.utc)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("created", "expected"),
    [
        ("2020-02-03T04:05:06Z", utc(2020, 2, 3, 4, 5, 6)),
        ("2020-02-03T04:05:06.789+02:00", utc(2020, 2, 3, 2, 5, 6)),
        ("2020-02-03", utc(2020, 2, 3)),
        ("", utc(1970, 1, 2)),
        ("yesterday", utc(1970, 1, 2)),
        ("0001-01-01T00:00:00+14:00", utc(1970, 1, 2)),
    ],
)
def test_the_date_is_that_of_the_document_or_else_of_the_environment(
    created: str, expected: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert document_date(ReadDocument("a", created=created)) == expected


def test_without_both_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert document_date(ReadDocument("a")) is None


@pytest.mark.parametrize("value", ["now", "-1", "1.5", "9" * 30])
def test_a_wrong_value_is_named(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", value)
    with pytest.raises(ConfigurationError, match=f"SOURCE_DATE_EPOCH: '{value}'"):
        document_date(ReadDocument("a"))
