"""When an organ has answered a round, and whether in time: what is corrected later was answered by its first version."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from measures import rounds
from measures.models import Activity, Metric, Observation, Pillar, Round, RoundCell, RoundOrgan
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
    make.make_observation(metric, bureau, "6")  # answered anew, after the last day
    assert standing(ended) == LATE


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


@pytest.fixture
def behind(ended: Round, steward: User) -> RoundOrgan:
    return RoundOrgan.objects.select_related("organ", "round__owner").get(round=ended)


def test_of_two_who_prolong_the_second_cannot_shorten(behind: RoundOrgan, steward: User) -> None:
    other = RoundOrgan.objects.select_related("round__owner").get(pk=behind.pk)
    today = timezone.localdate()
    rounds.prolong(behind, until=today + timedelta(days=9), reason="人员轮换", by=steward)
    with pytest.raises(ValidationError, match="要晚于现在的截止日期"):
        rounds.prolong(other, until=today + timedelta(days=5), reason="停电", by=steward)
    other.refresh_from_db()
    assert (other.last_day, other.reason) == (today + timedelta(days=9), "人员轮换")


def test_who_prolongs_forgets_no_reminder(behind: RoundOrgan, steward: User) -> None:
    assert rounds.remind(behind.round, by=steward) == 1
    rounds.prolong(behind, until=timezone.localdate() + timedelta(days=9), reason="停电", by=steward)
    behind.refresh_from_db()
    assert behind.reminded_at is not None


def test_an_organ_is_reminded_once_on_each_day_in_shanghai(
    behind: RoundOrgan, steward: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def remind_at(day: int, hour: int) -> int:
        moment = datetime(2031, 5, day, hour, tzinfo=timezone.get_default_timezone())
        monkeypatch.setattr(timezone, "now", lambda: moment)
        return rounds.remind(behind.round, by=steward)

    assert [remind_at(4, 17), remind_at(4, 23), remind_at(5, 9), remind_at(5, 17)] == [1, 0, 1, 0]
