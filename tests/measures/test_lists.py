"""The lists behind the counts of the overview: actions, targets and what has changed of late."""

import re
from datetime import date, timedelta
from operator import attrgetter

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from measures.models import Campaign, Honour, Milestone, Nature
from measures.progress import Direction
from measures.rollups.lists import Rows
from measures.rollups.recent import Change, Newest, News
from measures.workflow import Step, advance
from tests import make
from tests.make import page

pytestmark = pytest.mark.django_db


def titles(text: str) -> list[str]:
    """The first column of a list."""
    return re.findall(r'<th scope="row"><a href="[^"]*">([^<]*)</a>', text)


@pytest.fixture
def lines(pillar, other_bureau, campaign):
    """Late, soon due, under way, done; the last of another bureau."""
    today = timezone.localdate()
    late = make.make_action(pillar, "逾期的", due_day=today - timedelta(days=3), progress="在办")
    soon = make.make_action(pillar, "临近的", due_day=today + timedelta(days=3))
    other = make.make_action(
        make.make_pillar(other_bureau, campaign, theme=make.make_theme("作风建设")), "别家的"
    )
    return late, soon, other


def test_actions_are_listed_in_official_order_and_by_what_is_asked(as_user, leader, bureau, lines) -> None:
    assert titles(page(as_user, leader, "/actions/")) == ["逾期的", "临近的", "别家的"]
    assert titles(page(as_user, leader, "/actions/?standing=late")) == ["逾期的"]
    assert titles(page(as_user, leader, "/actions/?standing=pressing")) == ["逾期的", "临近的"]
    assert titles(page(as_user, leader, f"/actions/?organ={bureau.pk}&standing=soon")) == ["临近的"]
    theme = lines[2].pillar.theme_id
    assert titles(page(as_user, leader, f"/actions/?theme={theme}")) == ["别家的"]


def test_what_is_late_says_by_how_many_days_and_whom_to_telephone(as_user, leader, bureau, lines) -> None:
    bureau.office, bureau.telephone = "机关党办", "0914-3320000"
    bureau.save()
    assert "逾期3天，机关党办0914-3320000" in page(as_user, leader, "/actions/?standing=late")


def test_an_action_without_a_figure_and_one_with_activities_alone(as_user, leader, bureau, pillar) -> None:
    idle, busy, counted, told = (make.make_action(pillar, name) for name in ("闲", "忙", "计", "有数"))
    make.make_activity(busy)
    counts = make.make_metric("场次", "场", counts="activities")
    make.make_observation(counts, bureau, "5", actions=[counted])
    make.make_observation(make.make_metric("知晓率", "%", Nature.RATIO), bureau, "95", actions=[told])
    assert titles(page(as_user, leader, "/actions/?lack=figure")) == [idle.title, busy.title]
    assert titles(page(as_user, leader, "/actions/?lack=outcome")) == [busy.title, counted.title]


def test_targets_by_how_far_they_are_reached(as_user, leader, bureau, other_bureau, campaign) -> None:
    metric = make.make_metric("知晓率", "%", Nature.RATIO, direction=Direction.UP.value)
    for organ, said in ((bureau, "95%以上"), (other_bureau, "80")):
        make.make_observation(metric, organ, said)
        make.make_target(metric, organ, campaign, value="96", baseline="85")
    assert "可能达到" in page(as_user, leader, "/targets/?verdict=maybe")
    assert titles(page(as_user, leader, "/targets/?verdict=maybe")) == ["知晓率"]
    assert "倒退" in page(as_user, leader, "/targets/?verdict=not_met")
    assert titles(page(as_user, leader, "/targets/?verdict=met")) == []


def test_a_flow_of_several_years_is_held_against_the_target_of_its_own(
    as_user, leader, bureau, area, campaign
) -> None:
    make.make_campaign(area, organs=[bureau], year=2020)
    metric = make.make_metric("宣讲", "场", direction=Direction.UP.value)
    make.make_observation(metric, bureau, "90", "2020")
    make.make_observation(metric, bureau, "20", "2021")
    make.make_target(metric, bureau, campaign, value="100")
    assert titles(page(as_user, leader, "/targets/?verdict=not_met")) == ["宣讲"]


def test_changes_of_the_last_days_by_kind(as_user, leader, clerk, reviewer, bureau, pillar, lines) -> None:
    metric = make.make_metric("宣讲受众", "人次")
    row = make.make_observation(metric, bureau, "1400余")
    make.approve(make.corrected(row, by=clerk, remark="核对过"), by=clerk, reviewer=reviewer)
    make.make_honour(bureau, "先进集体")
    advance(lines[1], Step.CLOSE, by=clerk, closed_on=timezone.localdate())
    advance(lines[1], Step.APPROVE_CLOSING, by=reviewer)
    assert "同类变化放在一起，新的在前" in page(as_user, leader, "/changes/")
    assert "按单位次序" in page(as_user, leader, "/actions/")
    assert titles(page(as_user, leader, "/changes/?kind=correction")) == ["宣讲受众"]
    assert titles(page(as_user, leader, "/changes/?kind=honour")) == ["先进集体"]
    assert titles(page(as_user, leader, "/changes/?kind=closed")) == ["临近的"]
    assert titles(page(as_user, leader, "/changes/?kind=late&days=7")) == ["逾期的"]
    text = page(as_user, leader, "/")
    assert re.search(r"更正 <b>1</b>", text)
    assert re.search(r"已销号 <b>1</b>", text)


def test_the_last_seven_days_are_seven_days_today_included(as_user, leader, bureau, pillar) -> None:
    today = timezone.localdate()
    for days in (0, 6, 7, 8):
        day = today - timedelta(days=days)
        make.make_action(pillar, f"{days}天前办完", closing_state="approved", closed_on=day)
        make.make_action(pillar, f"{days}天前到期", due_day=day)
        honour = make.make_honour(bureau, f"{days}天前审核")
        Honour.objects.filter(pk=honour.pk).update(approved_at=timezone.now() - timedelta(days=days))
    said = {kind: titles(page(as_user, leader, f"/changes/?days=7&kind={kind}")) for kind in News}
    assert said[News.CLOSED] == ["0天前办完", "6天前办完"]
    assert said[News.LATE] == ["6天前到期", "7天前到期"]  # late from the day after
    assert said[News.HONOUR] == ["0天前审核", "6天前审核"]


def test_what_a_closed_campaign_left_unfinished_is_late_no_more(
    as_user, leader, clerk, bureau, campaign, pillar, lines
) -> None:
    late, soon, other = lines
    project = make.make_action(pillar, "迁建", line="project")
    Milestone.objects.create(action=project, stage="开工", due_day=late.due_day)
    text = page(as_user, leader, "/")
    assert "逾期3天" in text
    Campaign.objects.filter(pk=campaign.pk).update(closed=True)
    for address in ("/", f"/?campaign={campaign.pk}", f"/organs/{bureau.pk}/", f"/actions/{late.pk}/"):
        text = page(as_user, leader, address)
        assert ("未办结" in text, "st-late" in text, "已过" in text) == (True, False, False), address
    assert titles(page(as_user, leader, "/actions/?standing=pressing")) == []
    assert titles(page(as_user, leader, "/changes/?kind=late")) == []
    assert titles(page(as_user, leader, "/actions/?standing=unfinished")) == [
        late.title,
        soon.title,
        project.title,
        other.title,
    ]
    assert "未办结" in page(as_user, leader, f"/search/?q={late.title}")
    assert "未办结" in page(as_user, clerk, "/admin/measures/action/")
    assert late.title not in page(as_user, clerk, "/my/")


def test_what_was_finished_in_time_is_not_late_while_its_closing_waits(
    as_user, leader, clerk, reviewer, bureau, pillar, lines
) -> None:
    due = lines[0].due_day
    in_time, too_late, returned = (
        make.make_action(pillar, name, due_day=due, problem=name) for name in ("及时的", "迟了的", "退回的")
    )
    for line, day in ((in_time, due), (too_late, due + timedelta(days=1)), (returned, due)):
        advance(line, Step.CLOSE, by=clerk, closed_on=day)
    advance(returned, Step.RETURN_CLOSING, by=reviewer, note="没有佐证")
    late = ["逾期的", "迟了的", "退回的"]
    assert titles(page(as_user, leader, "/actions/?standing=late")) == late
    assert titles(page(as_user, leader, "/changes/?kind=late")) == late
    assert titles(page(as_user, leader, "/actions/?standing=under_way")) == ["及时的"]
    for address in ("/actions/?standing=under_way", f"/organs/{bureau.pk}/", f"/pillars/{pillar.pk}/"):
        assert "销号待审" in page(as_user, leader, address), address
    for line, words in ((in_time, "推进中（销号待审）"), (too_late, "逾期（销号待审）")):
        assert words in page(as_user, leader, f"/actions/{line.pk}/")
    assert "逾期（销号被退回）" in page(as_user, leader, f"/actions/{returned.pk}/")
    assert "推进中" in page(as_user, leader, "/search/?q=及时的")
    assert "推进中（销号待审）" in page(as_user, clerk, "/admin/measures/action/?q=及时的")


def test_long_lists_stand_on_pages_and_nonsense_is_the_first(as_user, leader, pillar) -> None:
    for number in range(53):
        make.make_action(pillar, f"第{number}项")
    assert len(titles(page(as_user, leader, "/actions/"))) == 50
    assert len(titles(page(as_user, leader, "/actions/?page=2"))) == 3
    assert len(titles(page(as_user, leader, "/actions/?page=%E6%97%A0&standing=nonsense&days=x"))) == 50


def test_rows_are_worded_only_where_they_are_shown() -> None:
    worded = []
    rows = Rows(range(100), lambda n: worded.append(n) or n)
    assert len(rows) == 100
    assert rows[10:12] == [10, 11]
    assert worded == [10, 11]
    assert [*rows] == [*range(100)]


@given(
    organs=st.lists(st.lists(st.tuples(st.sampled_from(News), st.integers(1, 6)), max_size=6), max_size=4),
    wanted=st.sets(st.sampled_from(News)),
    start=st.integers(-30, 30),
    end=st.integers(-30, 30),
)
def test_changes_are_merged_as_if_all_of_a_kind_were_sorted_by_day(organs, wanted, start, end) -> None:
    told = [
        [Change(kind, date(2021, 1, day), None, (organ, place)) for place, (kind, day) in enumerate(rows)]
        for organ, rows in enumerate(organs)
    ]
    plain = [
        change
        for kind in News
        if kind in wanted
        for change in sorted((c for rows in told for c in rows if c.kind is kind), key=lambda c: -c.day.day)
    ]
    found = Newest([[newest_first(rows, kind) for rows in told] for kind in News if kind in wanted])
    assert len(found) == len(plain)
    assert [*found] == plain
    assert found[start:end] == plain[start:end]
    assert [found[place] for place in range(-len(plain), len(plain))] == plain * 2
    with pytest.raises(IndexError):
        found[len(plain)]


def newest_first(changes, kind):
    """Those of a kind that one organ has."""
    return sorted((c for c in changes if c.kind is kind), key=attrgetter("day"), reverse=True)


def test_the_list_of_a_leader_of_one_bureau_has_nobody_elses(as_user, bureau, lines) -> None:
    own = make.make_member("leader", bureau)
    assert titles(page(as_user, own, "/actions/")) == ["逾期的", "临近的"]


def test_every_page_that_shows_what_is_late_says_whom_to_telephone(
    as_user, leader, bureau, campaign, pillar, lines
) -> None:
    bureau.office, bureau.telephone = "机关党办", "0914-3320000"
    bureau.save()
    in_time = make.make_pillar(bureau, campaign, "着力组织建设抓创建", make.make_theme("组织建设"))
    make.make_action(in_time, due_day=timezone.localdate() + timedelta(days=90))

    def told(address):
        return "0914-3320000" in make.page(as_user, leader, address)

    for row in (pillar, pillar.theme):
        assert told(f"/{row._meta.model_name}s/{row.pk}/")
    assert told(f"/screen/organs/{bureau.pk}/")
    assert not told(f"/pillars/{in_time.pk}/")
    assert not told(f"/themes/{in_time.theme_id}/")


def test_an_honour_stands_in_the_period_of_its_day_or_of_its_year_where_no_day_is_known(
    as_user, leader, bureau
) -> None:
    make.make_honour(bureau, "八月的", day=date(2021, 8, 10))
    make.make_honour(bureau, "没写日期的")
    for period, dated in (("2021", True), ("2021Q1", False), ("2021Q3", True), ("2020", False)):
        text = page(as_user, leader, f"/?period={period}")
        assert ("八月的" in text, "没写日期的" in text) == (dated, period != "2020"), period
    text = page(as_user, leader, f"/compare/?organ={bureau.pk}&period=2021Q1&other=2021Q3")
    assert text.count("八月的") == 1
