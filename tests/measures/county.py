"""A county of random figures, and the totals of it reckoned plainly."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from measures.models import Action, Metric, Nature, Observation, Participation
from measures.period import Period, PeriodKind
from measures.totals import Coverage, OverOrgans, Presence
from measures.workflow import Step, advance
from organs.models import Organ, OrganSuccession, SuccessionKind, User
from tests import make
from tests.conftest import Tree
from tests.measures import plainly
from tests.measures.plainly import Answer, Said

QUARTERS = [quarter for year in (2020, 2021) for quarter in Period.year(year).parts(PeriodKind.QUARTER)]
CLOSED_ON = date(2021, 7, 1)
PAST = datetime(2022, 1, 9, 16, tzinfo=UTC)  # midnight in Shanghai: the 10th has begun
MONTHLY = {"rhythm": PeriodKind.MONTH.value}
EXACT = ("nil", "none", "0", "7", "12", "1200")
SAID = (*EXACT, "50余", "近100", "超过40", "30以上", "约60", "不超过9", "1.2万余")
#: What there is to count: the unit, the nature, what else makes it so, and what is said of it.
METRICS = {
    "流量": ("人次", Nature.FLOW, {}, SAID),
    "投入": ("元", Nature.FLOW, {}, (*SAID, "3.5万元")),
    "资金": (
        "万元",
        Nature.FLOW,
        {},
        ("nil", "none", "0", "1.2", "8.5678万元", "12000元", "50余", "超过40万元", "近3万元"),
    ),
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
        earlier = make.make_campaign(tree.area, "前一年的活动", organs=[tree.bureau, self.closed], year=2020)
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
        self.actions = [
            make.make_action(make.make_pillar(organ, campaign))
            for organ, campaign in (
                (tree.bureau, tree.campaign),
                (tree.bureau, earlier),
                (tree.other_bureau, tree.campaign),
            )
        ]
        tied = [(row, action) for row in rows for action in self.actions if row.organ == action.organ]
        through = Observation.actions.through
        through.objects.bulk_create(
            through(observation=row, action=action) for row, action in tied if chance.random() < 0.2
        )
        self.change(clerk, reviewer)
        self.tied = {row.pk: set(row.observations.values_list("pk", flat=True)) for row in self.actions}
        self.participations = list(
            Participation.objects.select_related("organ", "campaign").order_by("organ__path")
        )
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
        found = []
        for row in self.participations:
            start = max(row.first_day or row.campaign.first_day, row.campaign.first_day)
            end = min(row.last_day or row.campaign.last_day, row.campaign.last_day) + timedelta(days=1)
            closed = row.organ.active_to
            if start < period.end and period.start < end and (closed is None or closed > period.start):
                found.append(row.organ.path)
        return list(dict.fromkeys(found))

    def days_of(self, action: Action, period: Period) -> Period:
        """The days of a period that the campaign of an action has; all of it where none of them is."""
        campaign = action.pillar.campaign
        start = max(period.start, campaign.first_day)
        end = min(period.end, campaign.last_day + timedelta(days=1))
        return Period.span(start, end) if start < end else period

    def is_of(self, action: Action, metric: Metric, period: Period) -> bool:
        """Whether something that makes the figure of an action's organ is tied to the action."""
        said, over_time = self.said(metric), metric.over_time
        used = plainly.used(said, action.organ.path, over_time=over_time, start=period.start, end=period.end)
        return not used.isdisjoint(self.tied[action.pk])

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
