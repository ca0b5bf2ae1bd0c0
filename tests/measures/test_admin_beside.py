"""What a form says beside its fields: of two of them together, and of what was stored just now."""

from typing import Any

import pytest
from django.utils import timezone

from measures.forms.rows import JUST_NOW, SAME_AGAIN
from measures.models import Action, Activity, Honour, Pillar
from organs.audit import canonical
from organs.models import Organ, Role, User
from tests import make
from tests.make import SignIn
from tests.measures.test_admin_entry import action_form, add, page, shown


@pytest.mark.parametrize(
    ("model", "typed", "field", "said"),
    [
        ("action", {"start_day": "2026.5.1", "due_day": "2026.4.1"}, "due_day", "不能早于开始日期"),
        ("honour", {"year": "2021", "day": "2020.5.1"}, "year", "不是同一年"),
        ("honour", {"year": "2021", "streak_years": "1"}, "streak_years", "连续年数至少是2"),
        ("campaign", {"first_day": "2026.5.1", "last_day": "2026.4.1"}, "last_day", "不能早于开始日期"),
        ("metric", {"minimum": "9", "maximum": "1"}, "maximum", "不能小于最小可能值"),
        ("metric", {"name": "学习会"}, "name", "已有同名、同单位的指标"),
        ("unit", {"symbol": "堆", "scale": "0"}, "scale", "换算倍数要大于0"),
    ],
)
def test_what_two_fields_say_together_is_told_beside_the_one_to_be_put_right(
    superuser: User,
    bureau: Organ,
    pillar: Pillar,
    as_user: SignIn,
    model: str,
    typed: dict[str, str],
    field: str,
    said: str,
) -> None:
    unit = make.make_metric("学习会").unit_id
    whole: dict[str, Any] = {
        "action": {"pillar": pillar.pk, "title": "宣讲", "kind": make.make_kind().pk, "line": "action"},
        "honour": {"organ": bureau.pk, "title": "先进", "level": "4county", "recipient": "甲局"},
        "campaign": {"name": "新一年", "owner": bureau.pk},
        "metric": {"name": "会议", "unit": unit, "nature": "flow", "rhythm": "year", "decimals": "0"},
        "unit": {"dimension": "个数", "whole": "on"},
    }
    names = ("activities", "milestones", "participations")
    inlines = {f"{name}-{kind}_FORMS": 0 for name in names for kind in ("TOTAL", "INITIAL")}
    html = shown(as_user(superuser).post(add(model), {**whole[model], **inlines, **typed}))
    beside = html.partition(f"field-{field}")[2].partition("form-row")[0]
    assert said in beside
    assert html.count(said) == 1


def test_what_may_be_said_of_either_of_two_fields_stands_above_them(
    superuser: User, bureau: Organ, as_user: SignIn
) -> None:
    typed = {"name": "旧活动", "owner": bureau.pk, "first_day": "1800.1.1", "last_day": "2026.1.1"}
    empty = {"participations-TOTAL_FORMS": 0, "participations-INITIAL_FORMS": 0}
    html = shown(as_user(superuser).post(add("campaign"), {**typed, **empty}))
    assert "年份要在1949年到" in html.partition("errorlist nonfield")[2].partition("</ul>")[0]


def test_a_metric_of_the_bureau_above_is_read_by_a_unit_and_not_changed(
    bureau: Organ, unit: Organ, as_user: SignIn
) -> None:
    metric = make.make_metric("本局的指标", owner=bureau)
    row = make.make_observation(metric, unit)
    client = as_user(make.make_member(Role.CLERK, unit, "单位填报", username="unit_clerk"))
    assert (address := f"/admin/measures/metric/{metric.pk}/change/") in shown(client.get(page(row)))
    assert "本局的指标" in shown(client.get(address))
    assert client.post(address, {"name": "改了"}).status_code == 403


def test_going_back_and_saving_again_stores_nothing_twice(
    bureau: Organ, clerk: User, as_user: SignIn
) -> None:
    client = as_user(clerk)
    typed = {"organ": bureau.pk, "title": "先进", "level": "4county", "recipient": "甲局", "year": "2021"}
    for _ in range(2):
        html = client.post(add("honour"), typed, follow=True).content.decode()
    assert SAME_AGAIN in html
    client.post(add("honour"), {**typed, "title": "先进（第二批）"})
    assert sorted(Honour.objects.values_list("title", flat=True)) == ["先进", "先进（第二批）"]
    Honour.objects.update(created_at=timezone.now() - JUST_NOW)
    client.post(add("honour"), typed)
    assert Honour.objects.count() == 3


def test_going_back_and_saving_an_action_or_activity_again_stores_nothing_twice(
    pillar: Pillar, clerk: User, as_user: SignIn
) -> None:
    client, other = as_user(clerk), make.make_action(pillar)
    typed = action_form(pillar, title="健康讲座")
    for _ in range(2):
        html = shown(client.post(add("action"), typed, follow=True))
    assert SAME_AGAIN in html
    action = Action.objects.get(title="健康讲座")
    typed = {"action": action.pk, "title": "第一讲", "day": "2021-06-01"}
    for serves in ([], [other.pk], [other.pk]):
        html = shown(client.post(add("activity"), {**typed, "also_serves": serves}, follow=True))
    assert SAME_AGAIN in html
    assert [row.also_serves.count() for row in Activity.objects.order_by("pk")] == [0, 1]


@pytest.mark.parametrize(("who", "leads"), [("reviewer", False), ("steward", True)])
def test_a_row_that_is_only_read_leads_nowhere_that_one_may_not_open(
    request: pytest.FixtureRequest, bureau: Organ, as_user: SignIn, who: str, leads: bool
) -> None:
    row = make.make_observation(make.make_metric(), bureau)
    html = shown(as_user(request.getfixturevalue(who)).get(page(row)))
    beside = html.partition("field-organ")[2].partition("form-row")[0]
    assert bureau.name in beside
    assert (f"/admin/organs/organ/{bureau.pk}/change/" in beside) is leads


def test_what_an_organ_says_of_itself_is_chinese(bureau: Organ) -> None:
    labels = {line.partition("：")[0] for line in canonical(bureau).splitlines()}
    assert "位置" in labels
    assert [label for label in labels if label.isascii()] == []
