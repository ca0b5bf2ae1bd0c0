"""One truth: every page and every exported table say the same total, and it is the one reckoned plainly."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random

import pytest
from django.db import transaction
from django.test import Client

from measures.models import Action, Campaign, Metric, Observation
from measures.period import Period, PeriodKind
from organs.models import Organ, User
from tests.conftest import Tree
from tests.make import SignIn
from tests.measures.county import PAST, County
from tests.measures.printed import (
    Cells,
    assert_holds,
    assert_number,
    assert_numbers,
    assert_says,
    printed,
    printed_ledger,
    words,
)
from tests.measures.test_exports import export

pytestmark = pytest.mark.django_db


class Reader:
    """A leader of the whole county at the pages and their tables."""

    def __init__(self, county: County, client: Client) -> None:
        self.county, self.client = county, client
        self.held: Counter[str] = Counter()  # what was held against the plain answer, by where it stands
        first, last = (Campaign.objects.order_by(day)[0] for day in ("first_day", "-last_day"))
        whole = Period.span(first.first_day, last.last_day + timedelta(days=1))
        keys = ("2021", "2020Q4", "2021H1", "2021-03", "2021-11")
        self.periods = {"": whole, **{f"?period={key}": Period.from_key(key) for key in keys}}

    def page(self, address: str) -> str:
        """A page."""
        answer = self.client.get(address)
        assert answer.status_code == 200, address
        return answer.content.decode()

    def sheet(self, address: str, name: str, places: int = 1) -> dict[str, Cells]:
        """The rows of an exported table by their label, from the column after it on."""
        rows = export(self.client, f"{address}{'&' if '?' in address else '?'}export={name}")[1:]
        return {row[places - 1]: row[places:] for row in rows}

    def totals(self, query: str) -> None:
        """Overview and theme print the totals of all metrics, in their tables and their files."""
        period = self.periods[query]
        theme = f"/themes/{self.county.theme.pk}/{query}"
        caption = self.county.theme.name
        tables = (
            (printed(self.page(f"/{query}"), caption), self.sheet(f"/{query}", "figures", 2)),
            (printed(self.page(theme), "这一主题的成效数值"), self.sheet(theme, "figures")),
        )
        for shown, numbers in tables:
            for name, metric in self.county.metrics.items():
                answer = self.county.total(metric, period)
                if name not in shown:
                    assert not answer.number
                    assert not answer.spread
                    assert name not in numbers
                    continue
                assert_says(shown[name][0], answer, metric)
                assert_holds(numbers[name][1:5], answer, metric)
                self.held["totals"] += 1
                if not metric.owner:
                    assert shown[name][1].startswith(answer.rests), (name, query)

    def metric(self, metric: Metric, query: str) -> None:
        """The page of a metric: its total, each organ's own figure, its series; and both files."""
        period, address = self.periods[query], f"/metrics/{metric.pk}/{query}"
        text, answer = self.page(address), self.county.total(metric, period)
        head = re.search(r'<p class="figure-headline">.*?</p>', text, re.DOTALL)
        facts = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", text))
        said = words(head[0]).replace("|", "")
        assert_says(f"{said}|{words(facts.get('范围', ''))}", answer, metric)
        assert words(facts["填报"]) == answer.rests
        shown, numbers = printed(text, "各单位的数值"), self.sheet(address, "organs")
        for organ in self.county.organs:
            number, _ = self.county.own(metric, organ, period)
            if organ.label in shown:
                self.assert_own(shown[organ.label][0], metric, organ, period)
            if number and organ.label in numbers:
                assert_numbers(numbers[organ.label][1:5], number, number, metric)
                self.held["metric"] += 1
        self.series(metric, text, self.sheet(address, "series") if "各期数值" in text else {})

    def series(self, metric: Metric, text: str, numbers: dict[str, Cells]) -> None:
        """Each month of the series is the total of that month."""
        months = {
            m.label: m for year in (2018, 2019, 2020, 2021) for m in Period.year(year).parts(PeriodKind.MONTH)
        }
        for label, cells in printed(text, "各期数值").items():
            month = months[label]
            if not any(month.start <= row.start and row.end <= month.end for row in self.county.said(metric)):
                assert cells[0] == numbers[label][0] == "未报", "nothing new is said of the month"
                continue
            answer = self.county.total(metric, month)
            assert_says(cells[0], answer, metric)
            assert_holds(numbers[label][1:5], answer, metric)
            assert cells[-1].startswith(answer.rests), (label, cells, answer.rests)
            assert numbers[label][-1].startswith(answer.rests)
            self.held["series"] += 1

    def assert_own(self, cell: str, metric: Metric, organ: Organ, period: Period) -> None:
        """A printed figure is the organ's own one, or the word for its lack."""
        number, why = self.county.own(metric, organ, period)
        if number:
            assert_number(cell, number, metric)
        elif why:
            assert cell.split("|")[0] == "不适用"
        else:
            assert cell.split("|")[0] in ("未报", "无此指标", "未单独报", "跨期未计", "不可汇总")

    def organ(self, organ: Organ, query: str) -> None:
        """The page of an organ prints its own figures, in its ledger or apart, and so does its file."""
        period, address = self.periods[query], f"/organs/{organ.pk}/{query}"
        text = self.page(address)
        shown = printed(text, "其他数值")
        rows = export(self.client, f"{address}{'&' if query else '?'}export=figures")[1:]
        apart = {name: numbers for _, title, name, *numbers in rows if not title}
        under = {(title, name): numbers for _, title, name, *numbers in rows if title}
        ledger = printed_ledger(text)
        for name, metric in self.county.metrics.items():
            number, _ = self.county.own(metric, organ, period)
            assert number is None or name in shown or any(name in line for line in ledger.values())
            if name in shown:
                self.assert_own(shown[name][0], metric, organ, period)
                if number:
                    assert_numbers(tuple(apart[name][1:5]), number, number, metric)
                    self.held["organ"] += 1
        for action in self.county.actions:
            if action.organ == organ and action.title in ledger:
                line = ledger[action.title]
                self.line(action, period, line, {name: under[action.title, name] for name in line})

    def action(self, action: Action, query: str) -> None:
        """The page of an action prints the figures that are tied to it, and so does its file."""
        address = f"/actions/{action.pk}/{query}"
        shown = {name: cells[0] for name, cells in printed(self.page(address), "数值").items()}
        self.line(action, self.periods[query], shown, self.sheet(address, "figures"))

    def line(
        self, action: Action, period: Period, shown: dict[str, str], numbers: Mapping[str, Sequence[object]]
    ) -> None:
        """Of an action stand its organ's own figures of the days of its campaign, where something tied makes them."""
        days = self.county.days_of(action, period)
        for name, metric in self.county.metrics.items():
            if not self.county.is_of(action, metric, days):
                assert shown.get(name, "跨期未计").split("|")[0] == "跨期未计", (name, shown)
                continue
            self.assert_own(shown[name], metric, action.organ, days)
            self.held["line"] += 1
            if number := self.county.own(metric, action.organ, days)[0]:
                assert_numbers(tuple(numbers[name][1:5]), number, number, metric)

    def side_by_side(self, query: str) -> None:
        """Organs side by side, each with its own figures."""
        organs = self.county.organs[:4]
        asked = "".join(f"&organs={organ.pk}" for organ in organs)
        address = f"/compare/{query or '?'}{asked}"
        shown, numbers = printed(self.page(address), "各单位并排，按主题"), self.sheet(address, "organs", 2)
        for name, metric in self.county.metrics.items():
            told = any(self.county.own(metric, organ, self.periods[query])[0] for organ in organs)
            assert name in shown or not told
            for place, (organ, cell) in enumerate(zip(organs, shown.get(name, ()), strict=False)):
                self.assert_own(cell, metric, organ, self.periods[query])
                self.assert_own_numbers(numbers[name], 4 * place + 1, metric, organ, self.periods[query])
                self.held["side by side"] += 1

    def assert_own_numbers(
        self, cells: Cells, place: int, metric: Metric, organ: Organ, period: Period
    ) -> None:
        """Beside a figure in a file stands the organ's own one in numbers."""
        if number := self.county.own(metric, organ, period)[0]:
            assert_numbers((*cells[place + 1 : place + 4], metric.unit.symbol), number, number, metric)

    def two_periods(self, organ: Organ) -> None:
        """Two periods of an organ beside each other."""
        pair = (self.periods["?period=2020Q4"], self.periods["?period=2021"])
        address = f"/compare/?organ={organ.pk}&period=2021&other=2020Q4"
        shown, numbers = (
            printed(self.page(address), self.county.theme.name),
            self.sheet(address, "figures", 2),
        )
        for name, metric in self.county.metrics.items():
            assert name in shown or not any(self.county.own(metric, organ, period)[0] for period in pair)
            for place, period in enumerate(pair if name in shown else ()):
                self.assert_own(shown[name][place], metric, organ, period)
                self.assert_own_numbers(numbers[name], 4 * place, metric, organ, period)
                self.held["periods"] += 1

    def past_day(self) -> None:
        """A past day beside today: what was approved then, and now; a total that is the same both times is not there."""
        address = "/compare/?as_of=2022-01-09"
        shown, numbers = printed(self.page(address), "合计有变的指标"), self.sheet(address, "totals")
        for name, metric in self.county.metrics.items():
            then, now = (self.county.total(metric, self.periods[""], at=at) for at in (PAST, None))
            if name in shown:
                for place, answer in enumerate((then, now)):
                    assert_says(shown[name][place], answer, metric)
                    ends = numbers[name][4 * place + 1 : 4 * place + 4]
                    unit = metric.unit.symbol if answer.number or answer.spread else ""
                    assert_holds((*ends, unit), answer, metric)
                    self.held["past day"] += 1
            else:
                assert (then.number, then.spread) == (now.number, now.spread)

    def passport(self, row: Observation) -> None:
        """A passport says which totals its figure goes into: those that the other pages print."""
        address = f"/figures/{row.metric_id}/{row.organ_id}/{row.period.key}/"
        text, numbers = self.page(address), self.sheet(address, "totals")
        shown = printed(text, "计入哪里")
        assert self.county.tree.area.label + "的合计" in " ".join(shown).replace("及下级", "")
        for top in self.county.organs:
            for label in {f"{top.label}的合计", f"{top.label}及下级的合计"} & set(shown):
                answer = self.county.total(row.metric, row.period, below=top.path)
                assert_says(shown[label][0], answer, row.metric)
                assert_holds(numbers[label][1:5], answer, row.metric)
                self.held["passport"] += 1


@pytest.mark.parametrize("seed", [0, 24])
def test_every_total_is_the_same_everywhere_and_the_one_reckoned_plainly(
    tree: Tree, leader: User, clerk: User, reviewer: User, as_user: SignIn, seed: int
) -> None:
    with transaction.atomic():
        chance = Random(seed)
        county = County(tree, chance, clerk, reviewer)
        reader = Reader(county, as_user(leader))
        queries = list(reader.periods)
        for query in ("", chance.choice(queries[1:])):
            reader.totals(query)
            reader.organ(chance.choice(county.organs), query)
        for metric in chance.sample(list(county.metrics.values()), 7):
            reader.metric(metric, chance.choice(queries))
        for action in county.actions[:2]:
            reader.action(action, chance.choice(queries))
        reader.side_by_side(chance.choice(queries))
        reader.two_periods(chance.choice(county.organs))
        reader.past_day()
        rows = list(Observation.objects.current().select_related("metric", "organ").order_by("pk"))
        for row in chance.sample(rows, min(4, len(rows))):
            reader.passport(row)
        transaction.set_rollback(True)
    everywhere = {
        "totals",
        "metric",
        "series",
        "organ",
        "line",
        "side by side",
        "periods",
        "past day",
        "passport",
    }
    assert set(reader.held) == everywhere
