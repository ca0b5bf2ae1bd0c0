"""The made county: its organs and people, its campaigns and what they measure; the same for the same seed and day."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from django.utils import timezone

from measures.models import ActionKind, Campaign, Metric, Participation, Reviewed, ReviewState, Theme
from measures.period import Period, PeriodKind
from organs.models import AuditEvent, AuditVerb, Organ, OrganKind, Role, User
from tests.bench.bulk import Stock
from tests.bench.catalogue import KINDS, THEMES, Spec, make_metrics
from tests.make import make_campaign, make_kind, make_member, make_organ, make_theme

YEARS = 5


@dataclass(frozen=True)
class Size:
    """How much there is of everything."""

    bureaus: int = 60
    pillars: int = 600
    actions: int = 6_000
    activities: int = 60_000
    observations: int = 100_000

    def scaled(self, bureaus: int) -> "Size":
        """A county of so many bureaus, each with as much as here."""
        return Size(*(number * bureaus // self.bureaus for number in vars(self).values()))


@dataclass(frozen=True)
class Bureau:
    """A bureau, and who enters and reviews there."""

    organ: Organ
    clerk: User
    reviewer: User


@dataclass(frozen=True)
class County:
    """What stands in the database from the beginning, and the rows that are yet to be stored."""

    size: Size
    today: date
    area: Organ
    leader: User
    bureaus: tuple[Bureau, ...]
    leader_of_one: User
    metrics: tuple[tuple[Spec, Metric], ...]
    themes: tuple[Theme, ...]
    kinds: tuple[ActionKind, ...]
    campaigns: tuple[Campaign, ...]
    random: Random
    stock: Stock = field(default_factory=Stock)
    now: datetime = field(default_factory=timezone.now)

    def periods(self, kind: PeriodKind) -> list[Period]:
        """The periods of a kind since the first campaign began that are over."""
        found = [Period.of(kind, self.campaigns[0].first_day)]
        while found[-1].next().end <= self.today:
            found.append(found[-1].next())
        return found

    def campaign_of(self, period: Period) -> Campaign:
        """The campaign in which a period lies."""
        return self.campaigns[period.start.year - self.campaigns[0].first_day.year]

    def confirmed(self, bureau: Bureau, day: date) -> dict[str, Any]:
        """The fields of a row that was entered on a day, submitted on the next and approved on the one after."""
        entered, submitted, approved = (
            min(datetime.combine(day + timedelta(days=later), time(2), UTC), self.now) for later in range(3)
        )
        return {
            "organ_id": bureau.organ.pk,
            "state": ReviewState.APPROVED.value,
            "hands": [bureau.clerk.pk],
            "created_by_id": bureau.clerk.pk,
            "created_at": entered,
            "submitted_by_id": bureau.clerk.pk,
            "submitted_at": submitted,
            "approved_by_id": bureau.reviewer.pk,
            "approved_at": approved,
            "changed_at": approved,
        }

    def told(self, row: Reviewed, bureau: Bureau, name: str) -> None:
        """Keep the events that a confirmed row of the last year has left; no page reads those of more than one row."""
        if row.approved_at < self.now - timedelta(days=365):
            return
        first = AuditVerb.CREATE if row.version == 1 else AuditVerb.CORRECT
        for verb, by, at in (
            (first, bureau.clerk, row.created_at),
            (AuditVerb.SUBMIT, bureau.clerk, row.submitted_at),
            (AuditVerb.APPROVE, bureau.reviewer, row.approved_at),
        ):
            event = AuditEvent(at=at, user_id=by.pk, user_name=by.name, verb=verb.value, note=row.reason)
            event.organ_id, event.organ_name = bureau.organ.pk, bureau.organ.name
            event.target_type, event.target_id, event.target_name = row._meta.label_lower, row.pk, name
            self.stock.add(event)


def found(size: Size, seed: int = 1) -> County:
    """Organs, people, metrics and campaigns, stored; one campaign for each of the last years and for this one."""
    today = timezone.localdate()
    area = make_organ("长宁县", kind=OrganKind.AREA, office="县直机关工委")
    leader = make_member(Role.LEADER, area, "郑书记", with_below=True, username="county")
    bureaus = tuple(_bureau(area, number) for number in range(1, size.bureaus + 1))
    area.refresh_from_db()
    years = range(today.year - YEARS + 1, today.year + 1)
    county = County(
        size=size,
        today=today,
        area=area,
        leader=leader,
        bureaus=bureaus,
        leader_of_one=make_member(Role.LEADER, bureaus[0].organ, "何局长", username="bureau"),
        metrics=make_metrics(),
        themes=tuple(make_theme(name) for name in THEMES),
        kinds=tuple(make_kind(name) for name in KINDS),
        campaigns=tuple(make_campaign(area, f"模范机关创建（{year}年）", year=year) for year in years),
        random=Random(seed),
    )
    for campaign in county.campaigns:
        for bureau in bureaus:
            county.stock.add(Participation(campaign=campaign, organ=bureau.organ))
    return county


def _bureau(area: Organ, number: int) -> Bureau:
    contact = {"office": "机关党办", "telephone": f"0914-33{number:05}"}
    organ = make_organ(f"长宁县第{number}局", area, short_name=f"第{number}局", **contact)
    clerk = make_member(Role.CLERK, organ, f"填报员{number}", username=f"clerk{number}")
    reviewer = make_member(Role.REVIEWER, organ, f"审核员{number}", username=f"reviewer{number}")
    return Bureau(organ, clerk, reviewer)
