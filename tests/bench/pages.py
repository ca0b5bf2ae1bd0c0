"""The pages that are asked for; those of one organ are the first bureau's, whoever looks."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from measures.models import Action, Honour, Observation, Pillar
from tests.bench.county import County


@dataclass(frozen=True)
class Place:
    """A page: its name in Chinese, its address, and whether it tells of one organ, whoever looks."""

    name: str
    address: str
    of_one: bool


def places(county: County) -> Iterator[Place]:
    """The pages of this installation: one line for each; those that it does not have are left out."""
    organ, year = county.bureaus[0].organ, str(county.today.year)
    campaign = county.campaigns[-1]
    figures = Observation.objects.current().filter(organ=organ, metric__nature="flow")
    figure = figures.filter(period_days__startswith__gte=campaign.first_day).earliest("pk")
    action = Action.objects.current().filter(pillar__campaign=campaign, organ=organ).earliest("pk")
    pillar = Pillar.objects.filter(campaign=campaign, organ=organ).earliest("pk")
    honour = Honour.objects.current().filter(organ=organ).earliest("pk")
    two = {"pk": figure.metric_id, "organ_pk": organ.pk}
    lines: tuple[tuple[str, str, dict, dict, bool], ...] = (
        ("总览", "overview", {}, {}, False),
        ("总览，本年", "overview", {}, {"period": year}, False),
        ("单位", "organ", {"pk": organ.pk}, {}, True),
        ("单位，本年", "organ", {"pk": organ.pk}, {"period": year}, True),
        ("支柱", "pillar", {"pk": pillar.pk}, {}, True),
        ("主题", "theme", {"pk": pillar.theme_id}, {"period": year}, False),
        ("指标", "metric", {"pk": figure.metric_id}, {}, False),
        ("指标，本年", "metric", {"pk": figure.metric_id}, {"period": year}, False),
        ("单位的指标", "series", two, {}, True),
        ("溯源卡", "passport", {**two, "key": figure.period.key}, {}, True),
        ("举措", "action", {"pk": action.pk}, {}, True),
        ("荣誉", "honour", {"pk": honour.pk}, {}, True),
        ("查找", "search", {}, {"q": "学习"}, False),
    )
    for name, view, parts, query, of_one in lines:
        try:
            address = reverse(view, kwargs=parts)
        except NoReverseMatch:
            continue
        yield Place(name, f"{address}?{urlencode(query)}" if query else address, of_one)
