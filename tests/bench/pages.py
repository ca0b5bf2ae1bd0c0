"""The pages that are asked for; those of one organ are the first bureau's, whoever looks."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from measures.models import Action, Honour, Observation, Pillar
from tests.bench.county import County


@dataclass(frozen=True)
class Place:
    """A page: its name in Chinese, its address, and of how many bureaus it tells, the first ones, whoever looks; 0: all."""

    name: str
    address: str
    of: int = 0


def places(county: County) -> Iterator[Place]:
    """All of them, one line for each."""
    organ, year, before = county.bureaus[0].organ, county.today.year, county.today.year - 1
    campaign = county.campaigns[-1]
    figures = Observation.objects.current().filter(organ=organ, metric__nature="flow")
    figure = figures.filter(period_days__startswith__gte=county.campaigns[-2].first_day).earliest("pk")
    action = Action.objects.current().filter(pillar__campaign=campaign, organ=organ).earliest("pk")
    pillar = Pillar.objects.filter(campaign=campaign, organ=organ).earliest("pk")
    honour = Honour.objects.current().filter(organ=organ).earliest("pk")
    two = {"pk": figure.metric_id, "organ_pk": organ.pk}
    several = {"organs": [bureau.organ.pk for bureau in county.bureaus[:3]], "period": year}
    lines: tuple[tuple[str, str, dict, dict, int], ...] = (
        ("总览", "overview", {}, {}, 0),
        ("总览，本年", "overview", {}, {"period": year}, 0),
        ("单位", "organ", {"pk": organ.pk}, {}, 1),
        ("单位，本年", "organ", {"pk": organ.pk}, {"period": year}, 1),
        ("支柱", "pillar", {"pk": pillar.pk}, {}, 1),
        ("主题", "theme", {"pk": pillar.theme_id}, {}, 0),
        ("主题，本年", "theme", {"pk": pillar.theme_id}, {"period": year}, 0),
        ("指标", "metric", {"pk": figure.metric_id}, {}, 0),
        ("指标，本年", "metric", {"pk": figure.metric_id}, {"period": year}, 0),
        ("单位的指标", "series", two, {}, 1),
        ("溯源卡", "passport", {**two, "key": figure.period.key}, {}, 1),
        ("举措", "action", {"pk": action.pk}, {}, 1),
        ("荣誉", "honour", {"pk": honour.pk}, {}, 1),
        ("举措清单", "actions", {}, {}, 0),
        ("目标清单", "targets", {}, {}, 0),
        ("变化清单", "changes", {}, {}, 0),
        ("对比三个单位", "compare", {}, several, 3),
        ("对比两期", "compare", {}, {"organ": organ.pk, "period": year, "other": before}, 1),
        ("查找", "search", {}, {"q": "学习"}, 0),
    )
    for name, view, parts, query, of in lines:
        address = reverse(view, kwargs=parts)
        yield Place(name, f"{address}?{urlencode(query, doseq=True)}" if query else address, of)
