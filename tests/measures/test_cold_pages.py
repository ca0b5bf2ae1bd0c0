"""How often a page asks the database when nothing of it is kept, and when one organ has just changed."""

from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from measures.models import Honour, Observation
from measures.period import Period, PeriodKind
from organs.models import Organ, OrganSuccession, SuccessionKind
from tests import make
from tests.kept import asked, forget

pytestmark = pytest.mark.django_db

MOST = 15
#: More than that in a process that has just begun, or when the catalogue, the tree or a campaign was changed; a past day
#: is read beside today, an action and a figure with their versions, their proof, what leaders said and their way
#: through the trail.
COLD = {"a past day": 17, "action": 22}
MONTHS = Period.year(2021).parts(PeriodKind.MONTH)
MORE_MONTHS = [month for year in (2021, 2022) for month in Period.year(year).parts(PeriodKind.MONTH)][3:]
PLACES = {
    "overview": "/?days=7",
    "overview of a campaign": "/?campaign={campaign}&period=2021",
    "actions": "/actions/?lack=figure",
    "targets": "/targets/",
    "problems": "/problems/",
    "changes": "/changes/",
    "organ": "/organs/{organ}/",
    "pillar": "/pillars/{pillar}/",
    "metric": "/metrics/{metric}/",
    "series": "/metrics/{metric}/organs/{organ}/",
    "theme": "/themes/{theme}/",
    "organs side by side": "/compare/?organs={organ}&organs={other}",
    "two periods": "/compare/?organ={organ}&period=2021&other=2020",
    "a past day": "/compare/?as_of={day}",
    "search": "/search/?q=宣讲",
    "passport": "/figures/{metric}/{organ}/2021-03/",
    "honour": "/honours/{honour}/",
    "action": "/actions/{action}/",
}


class County:
    """Thirty organs, one of them closed with a successor, to be filled with something of everything."""

    def __init__(self, area: Organ) -> None:
        self.organs = [make.make_organ(under=area) for _ in range(30)]
        self.campaign = make.make_campaign(area, organs=self.organs)
        rhythm = {"rhythm": PeriodKind.MONTH.value}
        self.whole = make.make_metric("总数", "人次", needs_evidence=True, **rhythm)
        self.metrics = (self.whole, make.make_metric("其中", "人次", part_of=self.whole, **rhythm))
        closed, successor = self.organs[2], self.organs[1]
        Organ.objects.filter(pk=closed.pk).update(active_to=date(2021, 7, 1))
        OrganSuccession.objects.create(
            predecessor=closed, successor=successor, day=date(2021, 7, 1), kind=SuccessionKind.MERGED
        )

    def fill(self, organs: list[Organ]) -> None:
        """A heading, an action, an activity, figures, a target, an honour and proof for each."""
        rows: list[Observation] = []
        for organ in organs:
            pillar = make.make_pillar(organ, self.campaign)
            action = make.make_action(pillar, "宣讲", due_day=date(2021, 6, 30))
            make.make_activity(action)
            make.make_target(self.whole, organ, self.campaign, value="500", baseline="10")
            make.make_honour(organ, pillar=pillar)
            rows += [
                make.make_observation(metric, organ, "50余", month, actions=[action])
                for metric in self.metrics
                for month in MONTHS[:3]
            ]
        for row in rows[:4]:
            make.make_link(make.make_evidence(row.organ), observation=row)

    def addresses(self) -> dict[str, str]:
        """The pages of the first organ's things, and of all."""
        organ, other = self.organs[:2]
        pillar = organ.pillars.get()
        numbers = {
            "organ": organ.pk,
            "other": other.pk,
            "campaign": self.campaign.pk,
            "pillar": pillar.pk,
            "theme": pillar.theme_id,
            "metric": self.whole.pk,
            "honour": Honour.objects.get(organ=organ).pk,
            "action": pillar.actions.get().pk,
            "day": timezone.localdate(),
        }
        return {name: address.format(**numbers) for name, address in PLACES.items()}


def costs(client: Client, county: County) -> dict[str, int]:
    """How many queries each page takes when nothing at all is kept."""
    found = {}
    for name, address in county.addresses().items():
        forget()
        found[name] = len(asked(client, address))
    return found


def test_pages_ask_so_often_with_nothing_kept_however_many_organs_there_are(as_user, leader, area):
    county, client = County(area), as_user(leader)
    county.fill(county.organs[:3])
    costs(client, county)  # what is asked for once in a process
    few = costs(client, county)
    county.fill(county.organs[3:])
    assert costs(client, county) == few
    assert {name: number for name, number in few.items() if number > COLD.get(name, MOST)} == {}


def test_pages_ask_so_often_when_an_organ_has_changed(as_user, leader, area):
    county, client = County(area), as_user(leader)
    county.fill(county.organs[:3])
    found = {}
    for (name, address), month in zip(county.addresses().items(), MORE_MONTHS, strict=False):
        client.get(address)
        make.make_observation(county.whole, county.organs[0], "7", month)
        found[name] = len(asked(client, address))
    assert {name: number for name, number in found.items() if number > MOST} == {}
