"""What is kept of an organ and brought up to date says the same as what is read from nothing."""

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest
from django.utils import timezone

from measures.models import Metric, Observation, ReviewState
from measures.period import Period, PeriodKind
from measures.rollups import reading
from measures.rollups.digest import Asked, Digest
from measures.rollups.rows import moment
from measures.totals import Coverage
from organs.models import CATALOGUE, OrganVersion
from tests import make
from tests.conftest import Tree

pytestmark = pytest.mark.django_db
YEARS = (2020, 2021)
#: What is asked of the figures: each year, all, and what was before; the last of 2020 is used in 2021.
PERIODS = (
    Period.year(2021),
    Period.year(2020),
    Period.from_key("2021Q2"),
    Period.span(Period.year(2020).start, Period.year(2021).end),
)


class Office:
    """An organ at whose figures random things are done."""

    def __init__(self, tree: Tree, chance: Random) -> None:
        self.organ, self.chance = tree.bureau, chance
        pillar = make.make_pillar(tree.bureau, tree.campaign)
        self.actions = [make.make_action(pillar) for _ in range(3)]
        self.metrics = [make.make_metric(nature=nature) for nature in ("flow", "stock", "cumulative")]
        self.deeds = (
            *(self.told, self.told, self.corrected, self.retracted),
            *(self.tied, self.remarked, self.honoured, self.erased),
        )
        for _ in range(30):
            self.told()
        self.begun = moment(timezone.now())

    @property
    def counting(self) -> list[Observation]:
        """The figures that count."""
        return list(Observation.objects.current().order_by("pk"))

    def told(self) -> None:
        """A figure of a month of which nothing was told; of an odd one with the units below."""
        metric, year = self.chance.choice(self.metrics), self.chance.choice(YEARS)
        month = self.chance.choice(Period.year(year).parts(PeriodKind.MONTH))
        if (
            not Observation.objects.current()
            .filter(metric=metric, period_days=(month.start, month.end))
            .exists()
        ):
            actions = self.chance.sample(self.actions, self.chance.choice((0, 1, 2)))
            coverage = Coverage.BELOW if month.start.month % 2 else Coverage.OWN
            make.make_observation(
                metric, self.organ, self.said(), month, actions=actions, coverage=coverage.value
            )

    def said(self) -> str:
        """A number as somebody says it."""
        return f"{self.chance.randrange(1000)}{self.chance.choice(('', '余', '以上'))}"

    def corrected(self) -> None:
        """A figure gives way to its correction, its own one, which is tied to another action or none."""
        row = self.chance.choice(self.counting)
        Observation.objects.filter(pk=row.pk).update(superseded_at=timezone.now())
        after = make.draft_observation(row.metric, self.organ, self.said(), row.period)
        after.previous, after.version, after.reason = row, row.version + 1, "漏报"
        make.store(after).actions.set(self.chance.sample(self.actions, 1))

    def retracted(self) -> None:
        """A figure does not count any more."""
        row = self.chance.choice(self.counting)
        values = {"state": ReviewState.RETRACTED, "retracted_by": row.approved_by}
        Observation.objects.filter(pk=row.pk).update(**values, retracted_at=timezone.now())

    def tied(self) -> None:
        """A figure stays as it is and is tied to other actions."""
        self.chance.choice(self.counting).actions.set(self.chance.sample(self.actions, 2))

    def remarked(self) -> None:
        """A figure says the same in another row of the database."""
        Observation.objects.filter(pk=self.chance.choice(self.counting).pk).update(remark="核对过")

    def honoured(self) -> None:
        """Something else of the organ changes."""
        make.make_honour(self.organ, f"荣誉{self.chance.random()}")

    def erased(self) -> None:
        """A figure is taken away past all doors."""
        row = self.chance.choice(self.counting)
        if not row.next_versions.exists():
            row.actions.clear()
            row.delete()


def said_by(digest: Digest, metrics: Mapping[int, Metric], since: int) -> dict[str, Any]:
    """All that pages ask of the figures of a digest; what is newer than a moment, too."""
    return {
        "figures": [row.pk for row in digest.figures],
        "by key": {pk: row.quantity for pk, row in digest.by_key.items()},
        "by metric": {pk: [row.pk for row in rows] for pk, rows in digest.by_metric.items()},
        "for those below": {row.pk for row in digest.for_those_below},
        "links": {action: sorted(keys) for action, keys in digest.links.items() if keys},
        "used": [digest.used(period) for period in PERIODS],
        "told": [digest.told(metric, period) for metric in metrics.values() for period in PERIODS],
        "newer": [row.pk for row in digest.since(since)],
        "honours": [honour.pk for honour in digest.honours],
    }


@pytest.mark.parametrize("seed", range(6))
def test_what_is_brought_up_to_date_says_what_is_read_from_nothing(seed: int, tree: Tree) -> None:
    office = Office(tree, Random(seed))
    brought = 0
    for _ in range(25):
        for _ in range(office.chance.choice((1, 1, 1, 3))):
            office.chance.choice(office.deeds)()
        marks = OrganVersion.objects.marks()
        metrics = reading.catalogue(marks[CATALOGUE]).metrics
        for period in PERIODS[:2]:
            asked = Asked(period)
            kept = reading.digests([tree.bureau], asked, marks)[tree.bureau.pk]
            (fresh,) = reading._read({tree.bureau.pk: tree.bureau}, asked, metrics, {})
            assert said_by(kept, metrics, office.begun) == said_by(fresh, metrics, office.begun)
            brought += bool(kept.anew or kept.gone)
    assert brought > 20
    assert kept.since(office.begun)
    assert kept.for_those_below
