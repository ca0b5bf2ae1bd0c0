"""Registers of actions as offices keep them, and periods as spreadsheets write them: read as they are meant."""

from datetime import date

import pytest
from django.utils import timezone

from measures.models import Action, Observation
from organs.models import Role
from tests import make
from tests.measures.test_sheets_in import bring, confirm, statuses_of, told

__all__ = ["bring"]

pytestmark = pytest.mark.django_db
MONTHS = ('yyyy"年"m"月"', '[$-804]yyyy"年"m"月";@', r"yyyy\年m\月", "mmm-yy", "yyyy-mm")


@pytest.mark.parametrize("shown", MONTHS)
def test_a_month_that_the_spreadsheet_made_a_day_of_is_that_month(bring, shown):
    make.make_metric("受众", "人次", rhythm="month")
    answer = bring("observations", ("指标", "期间", "数值"), ("受众", date(2025, 8, 1), 56), B2=shown)
    assert told(answer) == []
    confirm(answer)
    assert [row.period.key for row in Observation.objects.all()] == ["2025-08"]


def test_a_period_of_another_rhythm_is_refused_with_what_to_write(bring):
    make.make_metric("受众", "人次", rhythm="month")
    answer = bring("observations", ("指标", "期间", "数值"), ("受众", date(2025, 8, 1), 56), B2="yyyy-mm-dd")
    assert told(answer) == ["第2行“期间”：“受众”按月填报，期间请写成如 2025年8月。"]


THIS_YEAR, NEXT_YEAR = date(2021, 12, 31), date(2022, 12, 31)


@pytest.mark.parametrize(
    ("last_day", "said", "stored"),
    [
        (NEXT_YEAR, "1月31日", date(2022, 1, 31)),
        (NEXT_YEAR, "12月31日前", date(2021, 12, 31)),
        (THIS_YEAR, "1月31日", date(2021, 1, 31)),
        (THIS_YEAR, "11月底前", date(2021, 11, 30)),
        (THIS_YEAR, "2021年11月底前", date(2021, 11, 30)),
        (THIS_YEAR, "2021年11月", date(2021, 11, 30)),
        (THIS_YEAR, "2021年底前", date(2021, 12, 31)),
        (THIS_YEAR, 44500, date(2021, 10, 31)),
    ],
)
def test_the_preview_shows_the_due_day_that_will_be_stored(
    bring, bureau, area, monkeypatch, last_day, said, stored
):
    monkeypatch.setattr(timezone, "localdate", lambda *asked: date(2021, 12, 1))
    campaign = make.make_campaign(area, "本届", first_day=date(2020, 1, 1), last_day=last_day)
    pillar = make.make_pillar(bureau, campaign)
    make.make_kind()
    by = make.make_member(Role.CLERK, bureau)
    answer = bring("actions", ("创建支柱", "举措名称", "完成时限"), (pillar.heading, "理论学习", said), by=by)
    assert told(answer) == []
    assert f'<td data-label="完成时限">{stored}</td>' in answer.content.decode()
    confirm(answer)
    assert Action.objects.get().due_day == stored


def test_a_register_of_an_office_needs_no_kinds_and_no_days(bring, pillar):
    make.make_kind()
    heads = ("创建支柱", "工作措施", "任务", "完成时限")
    answer = bring("actions", heads, (pillar.heading, "每月一次", "理论学习讲党课", "长期坚持"))
    assert told(answer) == []
    assert "学习教育（拟）" in answer.content.decode()
    assert "标着“（拟）”的类别表里没有写" in answer.content.decode()
    confirm(answer)
    row = Action.objects.get()
    assert (row.title, row.kind.name, row.due_day) == ("理论学习讲党课", "学习教育", None)
    assert row.what == "每月一次\n完成时限：长期坚持。"


def test_a_kind_that_is_only_proposed_changes_none_that_is_stored(bring, pillar, clerk):
    make.make_kind()
    make.enter(make.draft_action(pillar, "理论学习", kind=make.make_kind("整改")), by=clerk)
    bring("actions", ("创建支柱", "举措"), (pillar.heading, "理论学习"))
    assert statuses_of("actions") == ["same"]


def test_a_due_day_without_an_end_leaves_what_is_stored_as_it_is(bring, pillar, clerk):
    make.make_kind()
    make.enter(
        make.draft_action(pillar, "理论学习", kind=make.make_kind("整改"), what="每周二集中学习"), by=clerk
    )
    heads = ("创建支柱", "举措", "完成时限")
    bring("actions", heads, (pillar.heading, "理论学习", "长期坚持"))
    assert statuses_of("actions") == ["same"]
    confirm(bring("actions", heads, (pillar.heading, "理论学习讲党课", "长期坚持")))
    assert Action.objects.get(title="理论学习讲党课").what == "完成时限：长期坚持。"


def test_a_month_that_the_spreadsheet_shows_of_a_day_is_that_day_where_a_day_is_asked_for(bring, pillar):
    make.make_kind()
    heads = ("创建支柱", "举措", "开始日期")
    answer = bring("actions", heads, (pillar.heading, "理论学习", date(2021, 8, 1)), C2=MONTHS[0])
    assert told(answer) == []
    confirm(answer)
    assert Action.objects.get().start_day == date(2021, 8, 1)


def test_a_metric_of_the_nearest_organ_is_meant_where_several_go_by_a_name(bring, tree):
    for owner in (None, tree.bureau, tree.unit):
        make.make_metric("服务人次", "人次", owner=owner)
    heads = ("单位", "指标", "期间", "数值")
    rows = ((organ.name, "服务人次", "2021年", "5") for organ in (tree.unit, tree.bureau))
    answer = bring("observations", heads, *rows)
    assert told(answer) == []
    confirm(answer)
    assert {row.organ: row.metric.owner for row in Observation.objects.all()} == {
        tree.unit: tree.unit,
        tree.bureau: tree.bureau,
    }
