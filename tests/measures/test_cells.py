"""Cells are read as a person reads them, who knows what day it is."""

from datetime import date

import pytest
from django.utils import timezone

from measures.resources.kinds import KINDS


@pytest.fixture
def in_march(monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda: date(2026, 3, 10))


@pytest.mark.parametrize(
    "said",
    [
        "2026-3-5 09:00",
        "2026-03-05 09:30:00",
        "2026-03-05T09:30",
        "2026年3月5日下午3：30",
        "3月5日 14:00",
        "2026.3.5 9:00—11:30",
        "3月5日上午",
        "3.5",
    ],
)
def test_the_time_of_a_day_is_left_out(said, in_march):
    assert KINDS["activities"].plain["day"](said) == date(2026, 3, 5)


@pytest.mark.parametrize(
    ("kind", "column", "year"),
    [
        ("activities", "day", 2025),
        ("honours", "day", 2025),
        ("targets", "baseline_day", 2025),
        ("actions", "due_day", 2026),
        ("honours", "valid_until", 2026),
    ],
)
def test_a_day_without_its_year_is_the_latest_one_where_it_must_be_past(kind, column, year, in_march):
    assert KINDS[kind].plain[column]("12月20日") == date(year, 12, 20)
