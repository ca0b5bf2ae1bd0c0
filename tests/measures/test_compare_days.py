"""A past day beside today: the page says what the pages said on that day, and why they say something else now."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from measures.models import Action, Metric, Nature, Observation, Pillar, ReviewStep
from measures.period import Period
from measures.quantity import Quantity
from measures.rollups import DayPage, View, compare_days
from measures.rollups.compare_days import GONE, NOT_YET
from measures.workflow import Step, advance
from organs.models import Organ, User
from tests import make
from tests.conftest import Tree
from tests.make import SignIn, page
from tests.measures.test_compare import row, words

pytestmark = pytest.mark.django_db
FIRST = date(2021, 3, 1)
#: When all quarters of the year can be told of.
AFTER = date(2022, 1, 10)
YEAR = Period.year(2021)


class Clock:
    """The clock of the office, which a test sets."""

    def __init__(self) -> None:
        self.moment = datetime(2021, 3, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The moment, a little later each time."""
        self.moment += timedelta(milliseconds=1)
        return self.moment

    def set(self, day: date, hour: int = 9, minute: int = 0) -> None:
        """Go to an hour of a day in Shanghai."""
        self.moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """Everybody looks at this clock."""
    clock = Clock()
    monkeypatch.setattr(timezone, "now", clock)
    # a field remembers the clock that it was declared with
    monkeypatch.setitem(vars(ReviewStep._meta.get_field("at")), "_get_default", clock)
    return clock


def seen(user: User, organs: tuple[Organ, ...]) -> View:
    """What a leader asks for on the day that the clock tells."""
    return View(
        user=user,
        visible=organs,
        top=None,
        organs=organs,
        expected=organs,
        period=YEAR,
        today=timezone.localdate(),
    )


def approve(row: Observation, clerk: User, reviewer: User) -> Observation:
    """A figure through the door."""
    return make.approve(row, by=clerk, reviewer=reviewer)


def test_a_corrected_a_retracted_and_a_new_figure_say_why(
    clock: Clock, as_user: SignIn, leader: User, bureau: Organ, clerk: User, reviewer: User
) -> None:
    names = ("培训", "宣讲", "走访", "慰问")
    metrics = [make.make_metric(name, "人次") for name in names]
    wrong, double, kept = (
        approve(make.draft_observation(metric, bureau, "50余"), clerk, reviewer) for metric in metrics[:3]
    )
    clock.set(date(2021, 6, 30), 23, 59)
    half = timezone.localdate()
    clock.set(date(2021, 7, 1), 0, 1)
    approve(make.corrected(wrong, by=clerk, reason="漏报一场", quantity=said("80", wrong)), clerk, reviewer)
    advance(double, Step.RETRACT, by=reviewer, note="与乙局重复")
    approve(make.draft_observation(metrics[3], bureau, "7"), clerk, reviewer)
    text = page(as_user, leader, f"/compare/?organ={bureau.pk}&as_of={half}")
    changes = text[text.index('id="changes"') :]
    assert row(changes, "培训")[1:] == ["50余人次可能是51至59人次", "80人次", "更正漏报一场"]
    assert row(changes, "宣讲")[1:] == ["50余人次可能是51至59人次", "已撤销", "撤销与乙局重复"]
    assert row(changes, "慰问")[1:] == ["当时未报", "7人次", "后来新增2021-07-01审核"]
    assert "共3个" in changes
    assert "走访" not in text
    assert "另有1个指标的合计和现在一样" in words(text)
    assert f"/figures/{wrong.metric_id}/{bureau.pk}/2021/" in changes
    assert row(text, "数值")[1:] == ["3个", "3个", "持平"]
    assert kept.is_current


def said(text: str, row: Observation) -> Quantity:
    """Words in the unit of the figure."""
    return Quantity.parse(text, row.metric.unit.spec)


def test_the_total_of_today_is_that_of_the_metric_page(
    as_user: SignIn, leader: User, bureau: Organ, unit: Organ
) -> None:
    metric = make.make_metric("培训", "人次")
    make.make_observation(metric, bureau, "50余")
    make.make_observation(metric, unit, "23")
    text = page(as_user, leader, f"/compare/?organ={bureau.pk}&period=2021&as_of=2021-01-01")
    assert row(text, "培训")[2].startswith("超过73人次可能是74至82人次")
    address = f"/metrics/{metric.pk}/?period=2021&organ={bureau.pk}"
    assert f'href="{address.replace("&", "&amp;")}"' in text
    assert "可能是74至82人次" in page(as_user, leader, address)


@pytest.mark.parametrize(("hour", "minute", "known"), [(23, 59, True), (24, 1, False)])
def test_a_day_ends_at_midnight_in_shanghai(
    clock: Clock,
    leader: User,
    bureau: Organ,
    clerk: User,
    reviewer: User,
    hour: int,
    minute: int,
    known: bool,
) -> None:
    clock.set(FIRST + timedelta(days=hour // 24), hour % 24, minute)
    approve(make.draft_observation(make.make_metric(), bureau), clerk, reviewer)
    clock.set(FIRST + timedelta(days=9))
    found = compare_days(seen(leader, (bureau,)), FIRST)
    assert [change.before.absent for change in found.changes] == ([] if known else [NOT_YET])


def test_a_line_that_was_corrected_and_closed_later_stood_open_then(
    clock: Clock, leader: User, pillar: Pillar, bureau: Organ, clerk: User, reviewer: User
) -> None:
    line = make.approve(make.draft_action(pillar, due_day=FIRST), by=clerk, reviewer=reviewer)
    make.approve(make.draft_activity(line, FIRST), by=clerk, reviewer=reviewer)
    clock.set(FIRST + timedelta(days=2))
    new = make.corrected(line, by=clerk, title="改好的题目")
    make.approve(new, by=clerk, reviewer=reviewer)
    advance(new, Step.CLOSE, by=clerk, closed_on=FIRST)
    advance(new, Step.APPROVE_CLOSING, by=reviewer)
    page = compare_days(seen(leader, (bureau,)), FIRST)
    numbers = {row.label: (row.before, row.after) for row in page.numbers}
    assert numbers == {
        "举措": ("1项", "1项"),
        "已销号": ("0项", "1项"),
        "临近": ("1项", "0项"),
        "活动": ("1次", "1次"),
        "荣誉": ("0项", "0项"),
        "数值": ("0个", "0个"),
    }


def test_a_line_whose_closing_waited_then_was_not_late(
    clock: Clock, leader: User, pillar: Pillar, bureau: Organ, clerk: User, reviewer: User
) -> None:
    due = FIRST - timedelta(days=2)
    lines = [make.approve(make.draft_action(pillar, due_day=due), by=clerk, reviewer=reviewer) for _ in "ab"]
    advance(lines[0], Step.CLOSE, by=clerk, closed_on=due)
    clock.set(FIRST + timedelta(days=2))
    advance(lines[0], Step.APPROVE_CLOSING, by=reviewer)
    advance(lines[1], Step.CLOSE, by=clerk, closed_on=due)
    numbers = {
        row.label: (row.before, row.after) for row in compare_days(seen(leader, (bureau,)), FIRST).numbers
    }
    assert (numbers["推进中"], numbers["逾期"]) == (("1项", "1项"), ("1项", "0项"))
    assert numbers["已销号"] == ("0项", "1项")


def test_a_quarter_counts_its_own_activities_of_a_line_that_was_corrected_since(
    clock: Clock, leader: User, pillar: Pillar, bureau: Organ, clerk: User, reviewer: User
) -> None:
    clock.set(date(2021, 5, 31))
    line, later = (make.approve(make.draft_action(pillar), by=clerk, reviewer=reviewer) for _ in range(2))
    for of, month in ((line, 2), (line, 3), (line, 4), (line, 4), (line, 5), (later, 5)):
        make.approve(make.draft_activity(of, date(2021, month, 1)), by=clerk, reviewer=reviewer)
    clock.set(date(2021, 6, 1))
    for old in (line, later):
        make.approve(make.corrected(old, by=clerk, title="改好的题目"), by=clerk, reviewer=reviewer)
    quarter = replace(seen(leader, (bureau,)), period=Period.quarter(2021, 1))
    numbers = {row.label: (row.before, row.after) for row in compare_days(quarter, date(2021, 5, 31)).numbers}
    assert (numbers["活动"], numbers["推进中"]) == (("2次", "2次"), ("2项", "2项"))


def test_many_changes_are_turned_over_by_pages(as_user: SignIn, leader: User, bureau: Organ) -> None:
    for n in range(45):
        make.make_observation(make.make_metric(f"指标{n:02}号"), bureau)
    text = page(as_user, leader, "/compare/?as_of=2021-01-01&page=3")
    assert text.count("后来新增<small>") == 5
    assert "第3页，共3页" in text
    assert 'href="?as_of=2021-01-01&amp;page=2"' in text


class Office:
    """People who do deeds from day to day."""

    def __init__(self, tree: Tree, pillar: Pillar, clerk: User, reviewer: User, chance: Random) -> None:
        self.tree, self.pillar, self.clerk, self.reviewer = tree, pillar, clerk, reviewer
        self.chance = chance
        self.metrics = [
            make.make_metric(rhythm="quarter"),
            make.make_metric(unit="人", nature=Nature.STOCK, rhythm="quarter"),
            make.make_metric(unit="%", nature=Nature.RATIO, rhythm="quarter"),
        ]

    def do(self) -> None:
        """One deed."""
        deeds = [self.tell, self.tell, self.correct, self.correct, self.retract, self.plan, self.close]
        self.chance.choice(deeds)()

    def approve(self, row: Observation | Action) -> None:
        make.approve(row, by=self.clerk, reviewer=self.reviewer)

    def known(self) -> list[Observation]:
        return list(Observation.objects.current().select_related("metric__unit").order_by("pk"))

    def tell(self) -> None:
        """A figure of a series that has none."""
        metric, quarter = self.chance.choice(self.metrics), f"2021Q{self.chance.randint(1, 4)}"
        organ = self.chance.choice([self.tree.bureau, self.tree.unit])
        new = make.draft_observation(metric, organ, self.words(), quarter)
        if not any(
            (row.metric_id, row.organ_id, row.period) == (metric.pk, organ.pk, new.period)
            for row in self.known()
        ):
            new.remark = "核对过"
            self.approve(new)

    def words(self) -> str:
        return f"{self.chance.randint(1, 9)}0{self.chance.choice(['', '余', '以上'])}"

    def correct(self) -> None:
        """Another figure in the place of one."""
        if rows := self.known():
            row = self.chance.choice(rows)
            new = said(f"{self.chance.randint(1, 99)}", row)
            if row.quantity != new:
                self.approve(make.corrected(row, by=self.clerk, quantity=new, remark="核对过"))

    def retract(self) -> None:
        """A figure that should not be there."""
        if rows := self.known():
            advance(self.chance.choice(rows), Step.RETRACT, by=self.reviewer, note="重复")

    def plan(self) -> None:
        """A line of the ledger, and an activity held for it."""
        line = make.draft_action(self.pillar, due_day=AFTER + timedelta(days=self.chance.randint(0, 9)))
        self.approve(line)
        make.approve(make.draft_activity(line, FIRST), by=self.clerk, reviewer=self.reviewer)

    def close(self) -> None:
        """A line is done, or its title was wrong."""
        if lines := list(Action.objects.current().exclude(closing_state="approved").order_by("pk")):
            line = self.chance.choice(lines)
            if self.chance.random() < 0.5:
                self.approve(make.corrected(line, by=self.clerk, title=f"题目{self.chance.random()}"))
            else:
                advance(line, Step.CLOSE, by=self.clerk, closed_on=FIRST)
                advance(line, Step.APPROVE_CLOSING, by=self.reviewer)


Said = tuple[dict[str, str], dict[str, str], dict[tuple[str, ...], str]]


def told(page: DayPage, everything: dict[str, str], figures: dict[tuple[str, ...], str]) -> Said:
    """What the page says was said then: counts, totals by metric, figures; from what is said today."""
    totals = everything | {pair.label: pair.before.words or pair.before.absent for pair in page.totals}
    rows = dict(figures)
    for change in page.changes:
        key = (change.organ, change.metric, change.period)
        assert rows.get(key, GONE) == (change.after.words or change.after.absent)
    for change in page.changes:
        rows.pop((change.organ, change.metric, change.period), None)
    for change in page.changes:
        if change.before.words:
            rows[change.organ, change.metric, change.period] = change.before.words
    return {row.label: row.before for row in page.numbers if row.before[0] != "0"}, totals, rows


def today(view: View, metrics: list[Metric]) -> Said:
    """What is said on the day of the view; of all metrics, those without a figure too."""
    page = compare_days(view, view.today)
    assert page.totals == page.changes == ()
    blank = compare_days(view, date(2020, 1, 1))
    totals = {metric.name: "未报" for metric in metrics}
    totals |= {pair.label: pair.after.words or pair.after.absent for pair in blank.totals}
    rows = {(c.organ, c.metric, c.period): c.after.words for c in blank.changes}
    return {row.label: row.after for row in page.numbers if row.after[0] != "0"}, totals, rows


@settings(settings.get_profile("database"), max_examples=6)
@given(seed=st.integers(0, 2**32))
def test_the_page_of_a_day_says_what_was_said_on_that_day(
    clock: Clock, tree: Tree, pillar: Pillar, clerk: User, reviewer: User, leader: User, seed: int
) -> None:
    with transaction.atomic():
        office = Office(tree, pillar, clerk, reviewer, Random(seed))
        organs, said_then = (tree.bureau, tree.unit), {}
        for n in range(5):
            clock.set(AFTER + timedelta(days=n))
            for _ in range(office.chance.randint(0, 4)):
                office.do()
            said_then[AFTER + timedelta(days=n)] = today(seen(leader, organs), office.metrics)
        clock.set(AFTER + timedelta(days=6))
        now = seen(leader, organs)
        _, totals, rows = today(now, office.metrics)
        for day, what in said_then.items():
            assert told(compare_days(now, day), totals, rows) == what, day
        transaction.set_rollback(True)
