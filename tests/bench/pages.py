"""The pages that are asked for; those of one organ are the first bureau's, whoever looks."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from measures.models import Action, Honour, Observation, Pillar
from organs.models import User
from tests.bench.county import County


@dataclass(frozen=True)
class Place:
    """A page: its name in Chinese, its address; whether it tells of one organ, whoever looks, or of several ones."""

    name: str
    address: str
    of_one: bool = False
    of_several: bool = False


def places(county: County, user: User) -> Iterator[Place]:
    """Those that the person may see, one line for each; a leader of one bureau has no others to compare it with."""
    organ, year, before = county.bureaus[0].organ, county.today.year, county.today.year - 1
    campaign = county.campaigns[-1]
    figures = Observation.objects.current().filter(organ=organ, metric__nature="flow")
    figure = figures.filter(period_days__startswith__gte=campaign.first_day).earliest("pk")
    action = Action.objects.current().filter(pillar__campaign=campaign, organ=organ).earliest("pk")
    pillar = Pillar.objects.filter(campaign=campaign, organ=organ).earliest("pk")
    honour = Honour.objects.current().filter(organ=organ).earliest("pk")
    two = {"pk": figure.metric_id, "organ_pk": organ.pk}
    several = {"organs": [bureau.organ.pk for bureau in county.bureaus[:3]], "period": year}
    of_one, of_several = {"of_one": True}, {"of_several": True}
    lines: tuple[tuple[str, str, dict, dict, dict], ...] = (
        ("总览", "overview", {}, {}, {}),
        ("总览，本年", "overview", {}, {"period": year}, {}),
        ("单位", "organ", {"pk": organ.pk}, {}, of_one),
        ("单位，本年", "organ", {"pk": organ.pk}, {"period": year}, of_one),
        ("支柱", "pillar", {"pk": pillar.pk}, {}, of_one),
        ("主题", "theme", {"pk": pillar.theme_id}, {}, {}),
        ("主题，本年", "theme", {"pk": pillar.theme_id}, {"period": year}, {}),
        ("指标", "metric", {"pk": figure.metric_id}, {}, {}),
        ("指标，本年", "metric", {"pk": figure.metric_id}, {"period": year}, {}),
        ("单位的指标", "series", two, {}, of_one),
        ("溯源卡", "passport", {**two, "key": figure.period.key}, {}, of_one),
        ("举措", "action", {"pk": action.pk}, {}, of_one),
        ("荣誉", "honour", {"pk": honour.pk}, {}, of_one),
        ("举措清单", "actions", {}, {}, {}),
        ("目标清单", "targets", {}, {}, {}),
        ("变化清单", "changes", {}, {}, {}),
        ("对比三个单位", "compare", {}, several, of_several),
        ("对比两期", "compare", {}, {"organ": organ.pk, "period": year, "other": before}, of_one),
        ("查找", "search", {}, {"q": "学习"}, {}),
    )
    for name, view, parts, query, kind in lines:
        address = reverse(view, kwargs=parts)
        if not kind.get("of_several") or user == county.leader:
            yield Place(name, f"{address}?{urlencode(query, doseq=True)}" if query else address, **kind)
