"""Figures and numbers of people as a clerk types them: what is refused is said beside its field."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from measures.models import Activity, Metric, Pillar
from organs.models import Organ, User
from tests import make

SignIn = Callable[[User | None], Client]


def add(model: str) -> str:
    return reverse(f"admin:measures_{model}_add")


def page(row: Any) -> str:
    return reverse(f"admin:measures_{row._meta.model_name}_change", args=(row.pk,))


def shown(response: HttpResponse) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def figure(metric: Metric, organ: Organ, **typed: Any) -> dict[str, Any]:
    """What the form of an observation sends."""
    known = {"presence": "value", "coverage": "own", "period": "2021年", "quantity": "100"}
    return {"organ": organ.pk, "metric": metric.pk, **known, **typed}


def test_a_figure_that_is_there_already_is_pointed_out_at_its_period(
    clerk: User, bureau: Organ, as_user: SignIn
) -> None:
    metric = make.make_metric("宣讲场次", unit="场")
    make.make_observation(metric, bureau, "2")
    sent = figure(metric, bureau, quantity="3", period="2021年")
    html = shown(as_user(clerk).post(add("observation"), sent))
    assert "这个期间已有审核过的2场，请打开它用“更正”。" in html
    assert html.index("已有审核过的") < html.index('name="quantity"')
    other = make.make_metric("走访户数", unit="户")
    make.make_observation(other, bureau, "50余", approved=False)
    html = shown(as_user(clerk).post(add("observation"), figure(other, bureau)))
    assert "这个期间已有一份在办理（50余户，草稿），请在那一份上修改。" in html


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("６０余", "请填整数；不确切的可不填，写在备注里。"),
        ("100001", "最多100000"),
        ("-1", "人数不会小于0。"),
    ],
)
def test_people_at_an_activity_are_a_whole_number_of_a_likely_size(
    clerk: User, pillar: Pillar, as_user: SignIn, typed: str, sentence: str
) -> None:
    action = make.make_action(pillar)
    sent = {"action": action.pk, "day": "2021-06-01", "title": "宣讲", "attended": typed}
    assert sentence in shown(as_user(clerk).post(add("activity"), sent))
    assert not Activity.objects.exists()


def test_a_draft_moved_to_a_wrong_period_is_told_once_and_kept(
    clerk: User, bureau: Organ, as_user: SignIn
) -> None:
    row = make.make_observation(make.make_metric("办件量"), bureau, "50", approved=False)
    html = shown(as_user(clerk).post(page(row), figure(row.metric, bureau, period="2021年3月")))
    assert html.count("请写成如 2021年。") == 1
    assert "要选相应的类型" not in html
    assert 'value="2021年3月"' in html


def test_numbers_are_read_without_needless_zeros(
    clerk: User, reviewer: User, bureau: Organ, as_user: SignIn
) -> None:
    metric = make.make_metric("办结率", unit="%", nature="ratio")
    row = make.make_observation(metric, bureau, "95%", numerator=475, denominator=500, state="submitted")
    for user in (reviewer, clerk):
        html = shown(as_user(user).get(page(row)))
        assert ">475</div>" in html
        assert "475.0000" not in html


METRIC = {
    "name": "知晓率",
    "nature": "ratio",
    "rhythm": "year",
    "direction": "up",
    "decimals": 1,
    "minimum": 0,
}


@pytest.mark.parametrize(
    ("unit", "more", "sentence"),
    [
        ("个", {}, "比率不会以“个”计：请选“%”；数个的，性质请选流量、存量或累计。"),
        ("元", {}, "分子分母合并得出的是“%”；以“元”计的请选“各单位不合并”。"),
        ("元", {"over_organs": "none"}, ""),
        ("%", {}, ""),
    ],
)
def test_a_ratio_is_not_counted_in_pieces(
    clerk: User, bureau: Organ, as_user: SignIn, unit: str, more: dict[str, str], sentence: str
) -> None:
    sent = {**METRIC, "unit": make.make_unit(unit).pk, "owner": bureau.pk, **more}
    response = as_user(clerk).post(add("metric"), sent)
    assert Metric.objects.exists() == (not sentence)
    if sentence:
        assert sentence in shown(response)


def test_a_figure_typed_where_activities_are_counted_is_pointed_out(
    clerk: User, bureau: Organ, as_user: SignIn
) -> None:
    for counts in ("activities", ""):
        metric = make.make_metric(f"讲座{counts}", unit="场", counts=counts)
        html = shown(as_user(clerk).post(add("observation"), figure(metric, bureau), follow=True))
        assert ("由活动自动计数" in html) == bool(counts)
