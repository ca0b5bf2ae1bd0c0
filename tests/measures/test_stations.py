"""The way of a row that was brought from another system, whose audit trail stayed there."""

from datetime import UTC, datetime

import pytest

from measures import ledger
from measures.models import Honour, ReviewStep
from measures.rollups.stations import stations
from measures.workflow import Step, advance
from organs.models import Organ, User
from tests import make

pytestmark = pytest.mark.django_db


def brought(organ: Organ, clerk: User, reviewer: User) -> Honour:
    """Returned once, then approved, all of it before it came here."""
    row = make.make_honour(organ)
    ReviewStep.objects.all().delete()
    Honour.objects.update(created_by=clerk, created_at=datetime(2021, 3, 1, 9, tzinfo=UTC))
    for day, by, step in (
        (2, clerk, Step.SUBMIT),
        (3, reviewer, Step.RETURN),
        (4, clerk, Step.SUBMIT),
        (5, reviewer, Step.APPROVE),
    ):
        at = datetime(2021, 3, day, 9, tzinfo=UTC)
        ReviewStep.objects.create(target=row, step=step, before="draft", after="draft", by=by, at=at, note="")
    return row


def told(*rows: Honour, staff: bool = True) -> list[tuple[str, str, str]]:
    return [(one.title, one.when[:10], one.who) for one in stations(rows, staff=staff)]


def test_it_is_told_from_what_came_along(
    bureau: Organ, clerk: User, reviewer: User, django_assert_num_queries
) -> None:
    row = brought(bureau, clerk, reviewer)
    with django_assert_num_queries(1):
        found = stations([row], staff=True)
    assert [one.post for one in found[:2]] == ["机关党办干部", "机关党办干部"]
    assert told(row) == [
        ("录入", "2021-03-01", "林填报"),
        ("报审", "2021-03-02", "林填报"),
        ("退回", "2021-03-03", "周审核"),
        ("报审", "2021-03-04", "林填报"),
        ("审核通过", "2021-03-05", "周审核"),
    ]
    assert [title for title, _, _ in told(row, staff=False)] == ["录入", "报审", "审核通过"]


def test_what_goes_on_here_follows_and_nothing_is_told_twice(
    bureau: Organ, clerk: User, reviewer: User
) -> None:
    old = brought(bureau, clerk, reviewer)
    new = ledger.correct(old, by=clerk, reason="名称更正")
    new.title = "全国先进集体"
    ledger.change(new, by=clerk)
    advance(new, Step.SUBMIT, by=clerk)
    assert [title for title, _, _ in told(old, new)][5:] == ["更正为第2版", "修改（第2版）", "报审（第2版）"]
    advance(new, Step.APPROVE, by=reviewer)
    assert [title for title, _, _ in told(old, new)] == [
        *("录入（第1版）", "报审（第1版）", "退回（第1版）", "报审（第1版）", "审核通过（第1版）"),
        *("更正为第2版", "修改（第2版）", "报审（第2版）", "审核通过（第2版）"),
    ]
