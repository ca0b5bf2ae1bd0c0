"""One truth: every page and every exported table say the same total, and it is the one reckoned plainly."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from measures.models import Campaign, Metric, Nature, Observation, Participation
from measures.period import Period, PeriodKind
from measures.totals import Coverage, OverOrgans, Presence
from measures.workflow import Step, advance
from organs.models import Organ, OrganSuccession, SuccessionKind, User
from tests import make
from tests.conftest import Tree
from tests.make import SignIn
from tests.measures import plainly
from tests.measures.plainly import Answer, Said
from tests.measures.printed import (
    Cells,
    assert_holds,
    assert_number,
    assert_numbers,
    assert_says,
    printed,
    words,
)
from tests.measures.test_exports import export

pytestmark = pytest.mark.django_db

QUARTERS = [quarter for year in (2020, 2021) for quarter in Period.year(year).parts(PeriodKind.QUARTER)]
CLOSED_ON = date(2021, 7, 1)
PAST = datetime(2022, 1, 9, 16, tzinfo=UTC)  # midnight in Shanghai: the 10th has begun
MONTHLY = {"rhythm": PeriodKind.MONTH.value}
EXACT = ("nil", "none", "0", "7", "12", "1200")
SAID = (*EXACT, "50余", "近100", "超过40", "30以上", "约60", "不超过9", "1.2万余")
#: What there is to count: the unit, the nature, what else makes it so, and what is said of it.
METRICS = {
    "流量": ("人次", Nature.FLOW, {}, SAID),
    "投入": ("元", Nature.FLOW, {}, SAID),
    "存量": ("人", Nature.STOCK, {}, SAID),
    "累计": ("户", Nature.CUMULATIVE, {}, SAID),
    "合并比率": ("%", Nature.RATIO, {}, ("none", "12.5/8/64", "60/6/10", "95/950/1000", "66.67/2/3")),
    "缺分母比率": ("%", Nature.RATIO, {}, ("none", "80", "33.3", "60/6/10", "95/950/1000")),
    "位次": ("位", Nature.RANK, {}, ("none", "1", "3", "12")),
    "不相加": ("个", Nature.FLOW, {"over_organs": OverOrgans.NONE.value}, EXACT),
    "本局自己的": ("场", Nature.FLOW, {}, SAID),
}


class County:
    """Random figures of organs in a tree, one of them closed with a successor, over two years and campaigns."""

    def __init__(self, tree: Tree, chance: Random, clerk: User, reviewer: User) -> None:
        self.tree, self.chance = tree, chance
        self.closed = make.make_organ("撤并局", under=Organ.objects.get(pk=tree.area.pk), active_to=CLOSED_ON)
        OrganSuccession.objects.create(
            predecessor=self.closed, successor=tree.bureau, day=CLOSED_ON, kind=SuccessionKind.MERGED
        )
        self.organs = [tree.area, tree.bureau, tree.unit, tree.other_bureau, tree.other_unit, self.closed]
        make.make_participation(tree.campaign, self.closed)
        make.make_participation(tree.campaign, tree.unit, first_day=date(2021, 4, 1))
        make.make_campaign(tree.area, "前一年的活动", organs=[tree.bureau, self.closed], year=2020)
        self.theme = make.make_theme()
        self.metrics = {
            name: make.make_metric(
                name,
                unit,
                nature,
                theme=self.theme,
                owner=tree.bureau if name == "本局自己的" else None,
                **(MONTHLY | fields),
            )
            for name, (unit, nature, fields, _) in METRICS.items()
        }
        rows = [row for metric in self.metrics.values() for row in self.figures(metric)]
        chance.shuffle(rows)
        make.store_many(rows[len(rows) // 3 :], PAST - timedelta(minutes=1))
        make.store_many(rows[: len(rows) // 3])
        self.change(clerk, reviewer)
        self.read: dict[tuple[int, datetime | None], list[Said]] = {}

    def figures(self, metric: Metric) -> list[Observation]:
        """What some organs have told in some months, or in a quarter instead."""
        found = []
        for organ in self.organs:
            if metric.owner and not organ.path.startswith(metric.owner.path):
                continue
            for quarter in QUARTERS if self.chance.random() < 0.8 else ():
                if organ == self.closed and quarter.start >= CLOSED_ON:
                    continue
                parts = [quarter] if self.chance.random() < 0.15 else quarter.parts(PeriodKind.MONTH)
                found += [self.figure(metric, organ, days) for days in parts if self.chance.random() < 0.5]
        return found

    def figure(self, metric: Metric, organ: Organ, period: Period) -> Observation:
        """A random figure as said: nil, none, or 95/950/1000 with its numerator and denominator; some with 含下级."""
        said, *fraction = self.chance.choice(METRICS[metric.name][3]).split("/")
        below = self.chance.random() < 0.15
        fields = {"coverage": Coverage.BELOW.value if below else Coverage.OWN.value}
        if said == "none":
            fields |= {"presence": Presence.NOT_APPLICABLE.value, "absence": "没有这项工作"}
            return make.draft_observation(metric, organ, None, period, **fields)
        if said == "nil":
            return make.draft_observation(metric, organ, None, period, presence=Presence.NIL.value, **fields)
        row = make.draft_observation(metric, organ, said, period, **fields)
        if fraction:
            row.numerator, row.denominator = map(Decimal, fraction)
        return row

    def change(self, clerk: User, reviewer: User) -> None:
        """Some figures are corrected, some retracted, some corrected and retracted; a draft counts for nothing."""
        near = Observation.objects.filter(
            organ=self.tree.bureau, presence="value", denominator=None, period_kind=PeriodKind.MONTH.value
        )  # the door takes a figure in the rhythm of its metric only
        rows = list(near.filter(metric__nature__in=(Nature.FLOW, Nature.STOCK)).order_by("pk"))
        for number, row in enumerate(self.chance.sample(rows, min(3, len(rows)))):
            if number:
                quantity = make.draft_observation(row.metric, row.organ, "77").quantity
                row = make.corrected(row, by=clerk, quantity=quantity)
                make.approve(row, by=clerk, reviewer=reviewer)
            if number != 1:
                advance(row, Step.RETRACT, by=reviewer, note="填错")
        make.make_observation(self.metrics["流量"], self.tree.bureau, "999", "2018-05", approved=False)

    def said(self, metric: Metric, at: datetime | None = None) -> list[Said]:
        """The figures of a metric that count, read once."""
        if (metric.pk, at) not in self.read:
            self.read[metric.pk, at] = plainly.read(metric, at)
        return self.read[metric.pk, at]

    def total(self, metric: Metric, period: Period, below: str = "", at: datetime | None = None) -> Answer:
        """The total of a metric over all organs, or those below a path; what is handed over is with its successor."""
        said = self.said(metric, at)
        heirs = {self.closed.path: (CLOSED_ON, (self.tree.bureau.path,))}
        gone = plainly.handed_over(said, heirs, period.end) if metric.over_time == "latest" else set()
        owner = metric.owner.path if metric.owner else ""
        return plainly.total(
            [row for row in said if row.organ not in gone and row.organ.startswith(below)],
            over_time=metric.over_time,
            over_organs=metric.over_organs,
            start=period.start,
            end=period.end,
            expected=[
                organ
                for organ in self.taking_part(period)
                if organ not in gone and organ.startswith(below) and organ.startswith(owner)
            ],
        )

    def taking_part(self, period: Period) -> list[str]:
        """The paths of the organs that take part in a campaign on a day of a period, and exist then."""
        rows = Participation.objects.select_related("organ", "campaign").order_by("organ__path")
        found = []
        for row in rows:
            start = max(row.first_day or row.campaign.first_day, row.campaign.first_day)
            end = min(row.last_day or row.campaign.last_day, row.campaign.last_day) + timedelta(days=1)
            closed = row.organ.active_to
            if start < period.end and period.start < end and (closed is None or closed > period.start):
                found.append(row.organ.path)
        return list(dict.fromkeys(found))

    def own(self, metric: Metric, organ: Organ, period: Period) -> tuple[plainly.Number | None, str]:
        """One organ's own figure."""
        return plainly.own(
            self.said(metric),
            organ.path,
            over_time=metric.over_time,
            over_organs=metric.over_organs,
            start=period.start,
            end=period.end,
        )


class Reader:
    """A leader of the whole county at the pages and their tables."""

    def __init__(self, county: County, client: Client) -> None:
        self.county, self.client = county, client
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
                if not metric.owner:
                    assert shown[name][1].startswith(f"{answer.expected}家中{answer.reported}家已报"), (
                        name,
                        query,
                    )

    def metric(self, metric: Metric, query: str) -> None:
        """The page of a metric: its total, each organ's own figure, its series; and both files."""
        period, address = self.periods[query], f"/metrics/{metric.pk}/{query}"
        text, answer = self.page(address), self.county.total(metric, period)
        head = re.search(r'<p class="figure-headline">.*?</p>', text, re.DOTALL)
        facts = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", text))
        said = words(head[0]).replace("|", "")
        assert_says(f"{said}|{words(facts.get('范围', ''))}", answer, metric)
        assert words(facts["填报"]) == f"{answer.expected}家中{answer.reported}家已报"
        shown, numbers = printed(text, "各单位的数值"), self.sheet(address, "organs")
        for organ in self.county.organs:
            number, _ = self.county.own(metric, organ, period)
            if organ.label in shown:
                self.assert_own(shown[organ.label][0], metric, organ, period)
            if number and organ.label in numbers:
                assert_numbers(numbers[organ.label][1:5], number, number, metric)
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
            rests = f"{answer.expected}家中{answer.reported}家已报"
            assert cells[-1].startswith(rests), (label, cells, rests)
            assert numbers[label][-1].startswith(rests)

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
        """The page of an organ prints its own figures, and so does its file."""
        period, address = self.periods[query], f"/organs/{organ.pk}/{query}"
        shown = printed(self.page(address), "其他数值")
        numbers = self.sheet(address, "figures", 3)
        for name, metric in self.county.metrics.items():
            number, _ = self.county.own(metric, organ, period)
            assert number is None or name in shown
            if name in shown:
                self.assert_own(shown[name][0], metric, organ, period)
            if number:
                assert_numbers(numbers[name][1:5], number, number, metric)

    def side_by_side(self, query: str) -> None:
        """Organs side by side, each with its own figures."""
        organs = self.county.organs[:4]
        asked = "".join(f"&organs={organ.pk}" for organ in organs)
        address = f"/compare/{query or '?'}{asked}"
        shown, numbers = printed(self.page(address), "各单位并排，按主题"), self.sheet(address, "organs", 2)
        for name, metric in self.county.metrics.items():
            for organ, cell in zip(organs, shown.get(name, ()), strict=False):
                self.assert_own(cell, metric, organ, self.periods[query])
                place = 4 * organs.index(organ) + 1
                self.assert_own_numbers(numbers[name], place, metric, organ, self.periods[query])

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
        for name, cells in shown.items():
            for place, period in enumerate(pair):
                self.assert_own(cells[place], self.county.metrics[name], organ, period)
                self.assert_own_numbers(numbers[name], 4 * place, self.county.metrics[name], organ, period)

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


@settings(settings.get_profile("database"), max_examples=2)
@given(seed=st.integers(0, 2**32))
def test_every_total_is_the_same_everywhere_and_the_one_reckoned_plainly(
    tree: Tree, leader: User, clerk: User, reviewer: User, as_user: SignIn, seed: int
) -> None:
    with transaction.atomic():
        chance = Random(seed)
        county = County(tree, chance, clerk, reviewer)
        reader = Reader(county, as_user(leader))
        queries = list(reader.periods)
        for query in ("", *chance.sample(queries[1:], 2)):
            reader.totals(query)
            reader.organ(chance.choice(county.organs), query)
        for metric in county.metrics.values():
            reader.metric(metric, chance.choice(queries))
        reader.side_by_side(chance.choice(queries))
        reader.two_periods(chance.choice(county.organs))
        reader.past_day()
        rows = list(Observation.objects.current().select_related("metric", "organ").order_by("pk"))
        for row in chance.sample(rows, min(6, len(rows))):
            reader.passport(row)
        transaction.set_rollback(True)
