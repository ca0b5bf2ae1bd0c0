"""What the page of a round tells an organ: the reviewer's words, that all is said, that it is over, what came meanwhile."""

from datetime import date

import pytest

from measures import rounds
from measures.models import Observation, ReviewState
from measures.rollups.rounds import known_rows
from measures.workflow import Step, advance
from tests import make
from tests.measures.test_rounds import address, ask, cells, metrics, typed

__all__ = ["ask", "metrics"]

pytestmark = pytest.mark.django_db


def test_the_words_of_the_reviewer_stand_where_the_figure_is_entered_again(
    ask, metrics, bureau, clerk, reviewer, as_user
):
    row = ask(metrics[:1])
    figure = make.submit(
        make.enter(make.draft_observation(metrics[0], bureau, "7", "2021"), by=clerk), by=clerk
    )
    advance(figure, Step.RETURN, by=reviewer, note="与台账不符")
    for place in (address(row, bureau), f"/entry/figures/?organ={bureau.pk}&period=2021"):
        html = make.page(as_user, clerk, place)
        assert "退回意见：周审核：与台账不符" in html
        assert f"/admin/measures/observation/{figure.pk}/change/" in html


def test_a_round_that_is_answered_in_full_offers_nothing_to_type_and_one_that_is_over_says_so(
    ask, bureau, clerk, steward, as_user
):
    kind = make.make_kind("党内生活")
    row = ask([], kinds=[kind], skip=False)
    place, key = address(row, bureau), cells(row, bureau)["党内生活"]
    assert f'name="{key}-absence"' in make.page(as_user, clerk, place)
    as_user(clerk).post(place, {"submit": "1", f"{key}-absence": "本期未安排"})
    html = make.page(as_user, clerk, place)
    assert f'name="{key}-absence"' not in html
    assert "本期未安排" in html
    assert "已结束" not in html
    rounds.close_round(row, by=steward)
    assert "已结束，不能再填" in make.page(as_user, clerk, place)


def test_of_a_round_that_was_ended_before_its_day_nobody_is_filling_in_any_more(
    ask, metrics, steward, as_user
) -> None:
    row = ask(metrics[:1])
    place = f"/rounds/{row.pk}/"
    assert "○ 未填" in make.page(as_user, steward, place)
    rounds.close_round(row, by=steward)
    html = make.page(as_user, steward, place)
    assert "◇ 未报齐" in html
    assert "○ 未填" not in html


def test_an_untouched_row_whose_figure_came_meanwhile_is_left_alone(
    ask, metrics, bureau, clerk, second_clerk, as_user
):
    row = ask(metrics[:2])
    keys, client, place = cells(row, bureau), as_user(clerk), address(row, bureau)
    sent = typed(client.get(place).content.decode(), submit="1") | {f"{keys['党员总数']}-quantity": "8"}
    make.enter(make.draft_observation(metrics[0], bureau, "7", "2021"), by=second_clerk)
    wrong = client.post(place, sent | {f"{keys['党员总数']}-quantity": "七八"}).content.decode()
    assert "刚才有人改动过" not in wrong
    assert 'value="7个"' in wrong
    assert "没有报审：刚才有人填了发文量" in client.post(place, sent).content.decode()
    saved = {name: value for name, value in sent.items() if name != "submit"} | {"save": "1"}
    client.post(place, saved)
    assert dict(Observation.objects.values_list("metric__name", "state")) == {
        "发文量": ReviewState.DRAFT,
        "党员总数": ReviewState.DRAFT,
    }


def test_before_a_round_is_opened_approved_activities_count_as_approved(ask, pillar):
    kind = make.make_kind("党内生活")
    row = ask([], kinds=[kind], opened=False)
    activity = make.make_activity(make.make_action(pillar, kind=kind), date(2021, 3, 1), state="draft")
    assert [(line.approved, line.submitted) for line in known_rows(row)] == [(0, 1)]
    activity.delete()
    make.make_activity(make.make_action(pillar, kind=kind), date(2021, 3, 1))
    assert [(line.approved, line.submitted) for line in known_rows(row)] == [(1, 0)]
