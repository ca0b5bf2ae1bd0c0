"""The numbers of the made county: observations said in every way there is, and what was aimed at."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from functools import cache
from random import Random

from measures.models import Action, Metric, Nature, Observation, Pillar, Target
from measures.period import Period, PeriodKind
from measures.progress import round_half_up
from measures.quantity import Quantity, UnitSpec
from measures.totals import Presence
from tests.bench.catalogue import Spec
from tests.bench.county import Bureau, County

#: How many in a thousand figures are not said exactly, are a nil report, do not apply, were corrected once.
APPROXIMATE, NIL, NOT_APPLICABLE, CORRECTED = 120, 20, 5, 10
FORMS = ("{}余", "近{}", "约{}", "{}以上", "超过{}")
AIMED_AT = (Nature.STOCK, Nature.CUMULATIVE, Nature.RATIO)


@cache
def said(text: str, unit: UnitSpec, maximum: int | None = None) -> Quantity:
    """What a clerk typed."""
    highest = None if maximum is None else Decimal(maximum)
    return Quantity.parse(text, unit, minimum=Decimal(0), maximum=highest)


def add_numbers(county: County) -> None:
    """As many observations as the county has, spread over bureaus, metrics and months; the others were forgotten."""
    actions: dict[tuple[int, int], list[Action]] = defaultdict(list)
    pillars: dict[tuple[int, int], list[Pillar]] = defaultdict(list)
    for row in county.stock.of(Action):
        actions[row.organ_id, row.pillar.campaign_id].append(row)
    for row in county.stock.of(Pillar):
        pillars[row.organ_id, row.campaign_id].append(row)
    periods = {kind: county.periods(kind) for kind in PeriodKind if kind is not PeriodKind.SPAN}
    slots = [
        (bureau, number, period)
        for bureau in county.bureaus
        for number, (spec, _) in enumerate(county.metrics)
        for period in periods[spec.rhythm]
    ]
    wanted = min(county.size.observations, len(slots))
    levels: dict[tuple[int, int], int] = {}
    for index in sorted(county.random.sample(range(len(slots)), wanted)):
        bureau, number, period = slots[index]
        spec, metric = county.metrics[number]
        row = _observation(county, bureau, spec, metric, period, levels)
        place = bureau.organ.pk, county.campaign_of(period).pk
        if number % 8:  # every metric has its action of the year; a quarter of the actions has no figure
            under = actions[place][number * 7 % (len(actions[place]) * 3 // 4)]
            county.stock.add(Observation.actions.through(observation_id=row.pk, action_id=under.pk))
        else:
            row.pillar = pillars[place][number % len(pillars[place])]
    for bureau in county.bureaus:
        for spec, metric in county.metrics:
            if spec.nature in AIMED_AT:
                _targets(county, bureau, spec, metric)


def _observation(
    county: County,
    bureau: Bureau,
    spec: Spec,
    metric: Metric,
    period: Period,
    levels: dict[tuple[int, int], int],
) -> Observation:
    """A figure that counts, and the version before it where it was corrected."""
    name = f"{bureau.organ.short_name}·{metric.name}·{period.label}"
    before: Observation | None = None
    if county.random.randrange(1000) < CORRECTED:
        before = Observation(**county.confirmed(bureau, period.end), metric=metric)
        before.period = period
        _say(before, spec, county.random, levels)
        county.told(county.stock.add(before), bureau, name)
    later = period.end + timedelta(days=10 if before else 0)
    row = Observation(**county.confirmed(bureau, later), metric=metric)
    row.period = period
    if before:
        row.previous, row.version, row.reason = before, 2, "漏报两次"
        before.superseded_at = row.approved_at
    _say(row, spec, county.random, levels)
    county.told(county.stock.add(row), bureau, name)
    return row


def _say(row: Observation, spec: Spec, random: Random, levels: dict[tuple[int, int], int]) -> None:
    """Give the observation its figure."""
    unit, chance = row.metric.unit.spec, random.randrange(1000)
    if chance < NOT_APPLICABLE:
        row.presence, row.absence = Presence.NOT_APPLICABLE.value, "本单位没有这项职责"
    elif spec.nature == Nature.RATIO:
        row.denominator = Decimal(random.randrange(20, 300))
        share = min(100, spec.typical + random.randrange(-8, 9))
        row.numerator = round_half_up(row.denominator * share / 100, 0)
        row.quantity = said(f"{round_half_up(row.numerator * 100 / row.denominator, 1)}", unit, 100)
        if spec.over_organs:  # without its parts it cannot be pooled
            row.numerator = row.denominator = None
    elif spec.nature == Nature.FLOW and chance < NOT_APPLICABLE + NIL:
        row.presence, row.quantity = Presence.NIL.value, Quantity.zero(unit.stored_as)
    else:
        row.quantity = said(_text(_amount(row, spec, random, levels), spec, random), unit)


def _amount(row: Observation, spec: Spec, random: Random, levels: dict[tuple[int, int], int]) -> int:
    """A flow comes anew, a stock moves a little, what is cumulative grows."""
    new = spec.typical * random.randrange(40, 160) // 100
    series = row.metric_id, row.organ_id
    if spec.nature == Nature.CUMULATIVE:
        levels[series] = levels.get(series, 0) + new
    elif spec.nature == Nature.STOCK:
        levels[series] = max(1, levels.get(series, new) + random.randrange(-1, 3))
    else:
        return max(1, new) if spec.nature == Nature.RANK else new
    return levels[series]


def _text(amount: int, spec: Spec, random: Random) -> str:
    """As it is typed: mostly exact, else by a round number."""
    if amount < 20 or spec.nature == Nature.RANK or random.randrange(1000) >= APPROXIMATE:
        return f"{amount}.{random.randrange(10)}" if spec.unit == "万元" else str(amount)
    step = 10 if amount < 1000 else 100
    return random.choice(FORMS).format(amount // step * step)


def _targets(county: County, bureau: Bureau, spec: Spec, metric: Metric) -> None:
    """What a bureau starts from and aims at in each campaign; one in ten names no value."""
    unit, highest = metric.unit.spec, 100 if spec.nature == Nature.RATIO else None
    for campaign in county.campaigns:
        row = Target(**county.confirmed(bureau, campaign.first_day), metric=metric, campaign=campaign)
        row.baseline = said(str(max(1, spec.typical * county.random.randrange(60, 95) // 100)), unit, highest)
        row.baseline_note = "上年末"
        if county.random.randrange(10):
            aim = spec.typical * county.random.randrange(95, 130) // 100
            row.value = said(str(min(aim, highest or aim)), unit, highest)
        county.stock.add(row)
