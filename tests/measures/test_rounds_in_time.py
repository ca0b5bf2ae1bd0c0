"""When an organ has answered a round, and whether in time: what is corrected later was answered by its first version."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from measures.models import Activity, Metric, Observation, Pillar, Round, RoundCell
from measures.period import Period
from measures.rollups.rounds import organ_rows
from measures.workflow import Step, advance
from organs.models import Organ, User
from tests import make
from tests.make import SignIn

pytestmark = pytest.mark.django_db
IN_TIME, LATE = "✓ 已报齐", "▲ 逾期报齐"


@pytest.fixture
def metric(db: None) -> Metric:
    return make.make_metric("发文量", "个")


@pytest.fixture
def ended(area: Organ, bureau: Organ, metric: Metric) -> Round:
    """A round that was to be answered by yesterday."""
    return make.make_round(area, bureau, metric, until=timezone.localdate() - timedelta(days=1))


def before() -> datetime:
    """A moment in time."""
    return timezone.now() - timedelta(days=3)


def standing(asked: Round) -> str:
    (row,) = organ_rows(asked)
    return row.standing[1]


def test_a_figure_corrected_after_the_last_day_was_said_in_time(
    ended: Round, metric: Metric, bureau: Organ, clerk: User, reviewer: User
) -> None:
    row = make.make_observation(metric, bureau, "5")
    assert standing(ended) == LATE
    Observation.objects.update(submitted_at=before())
    assert standing(ended) == IN_TIME
    for reason in ("漏报", "又漏报"):
        row = make.corrected(row, by=clerk, reason=reason, phrase=reason)
        assert standing(ended) == IN_TIME
        make.approve(row, by=clerk, reviewer=reviewer)
        assert standing(ended) == IN_TIME
    advance(row, Step.RETRACT, by=reviewer, note="重复填报")
    assert standing(ended) == "◆ 逾期未报"


def test_an_activity_corrected_after_the_last_day_was_told_in_time(
    ended: Round, bureau: Organ, pillar: Pillar, clerk: User, reviewer: User
) -> None:
    kind = make.make_kind("党内生活")
    RoundCell.objects.update(metric=None, kind=kind)
    row = make.make_activity(make.make_action(pillar, kind=kind))
    assert standing(ended) == LATE
    Activity.objects.update(created_at=before())
    row = make.approve(make.corrected(row, by=clerk, place="会议室"), by=clerk, reviewer=reviewer)
    assert standing(ended) == IN_TIME
    advance(row, Step.RETRACT, by=reviewer, note="没有举行")
    assert standing(ended) == "◆ 逾期未报"


def test_who_is_asked_nothing_is_never_late(ended: Round) -> None:
    RoundCell.objects.update(left_out=True)
    assert standing(ended) == IN_TIME


@pytest.mark.parametrize(
    "period", [Period.year(1949), Period.span(date(1960, 1, 1), date(2021, 1, 1), "自创建以来")]
)
def test_a_round_with_no_years_before_it_is_answered_all_the_same(
    period: Period, ended: Round, bureau: Organ, clerk: User, as_user: SignIn
) -> None:
    ended.period = period
    ended.save()
    assert "发文量" in make.page(as_user, clerk, f"/rounds/{ended.pk}/organs/{bureau.pk}/")
