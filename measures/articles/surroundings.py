"""What of the ledger an article is held against, read once: a constant number of queries for any number of proposals."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse

from measures.forms.fields import QuantityField
from measures.matching import alike_units, kept_in
from measures.models import (
    OPEN_STATES,
    Action,
    ActionKind,
    Article,
    Campaign,
    Honour,
    Metric,
    Observation,
    Pillar,
    Target,
    Theme,
)
from measures.period import Period, PeriodKind
from measures.quantity import Quantity
from measures.resources.known import Known
from organs.models import Organ, User

ANY_UNIT = "个"


class Surroundings:
    """The ledger of an organ around an article: names that may be meant, and what is stored for the period."""

    def __init__(self, user: User, organ: Organ, period: Period, text_digest: str) -> None:
        self.user, self.organ, self.period = user, organ, period
        self.known = Known(user, organ)
        self.article = Article.objects.filter(organ=organ, sha256=text_digest).first()

    @property
    def year(self) -> int:
        """The year of the period."""
        return self.period.start.year

    @cached_property
    def metrics(self) -> list[Metric]:
        """The metrics that the organ may report."""
        return self.known.metrics_of(self.organ)

    @cached_property
    def _metrics(self) -> dict[int, Metric]:
        return {metric.pk: metric for metric in self.metrics}

    def metric(self, pk: int) -> Metric:
        """One of them; KeyError for any other."""
        return self._metrics[pk]

    @cached_property
    def pairs(self) -> dict[int, Metric]:
        """By key the other metric of a pair (户/人) that the organ may report, whichever of the two names the other."""
        found: dict[int, Metric] = {}
        for metric in self.metrics:
            if (other := self._metrics.get(metric.pair_id or 0)) and not (metric.counts or other.counts):
                found |= {metric.pk: other, other.pk: metric}
        return found

    def fits(self, metric: Metric) -> bool:
        """Whether the metric is reported for periods like that of the article."""
        return metric.rhythm in (PeriodKind.SPAN.value, self.period.kind.value)

    @cached_property
    def units(self) -> dict[str, Any]:
        """Units by symbol."""
        return self.known.units

    def unit_of(self, symbol: str) -> tuple[str, str]:
        """The unit of the catalogue for a unit of a text, and its dimension; that of any count where there is none."""
        for name in (*kept_in(symbol), ANY_UNIT):
            if unit := self.units.get(name):
                return name, unit.dimension
        return "", ""

    @cached_property
    def _stored(self) -> dict[int, list[Observation]]:
        rows = Observation.objects.live().visible_to(self.user).filter(organ=self.organ)
        rows = rows.filter(metric__in=self._metrics).select_related("metric__unit__base", "organ")
        found: dict[int, list[Observation]] = defaultdict(list)
        for row in rows.order_by("pk"):
            found[row.metric_id].append(row)
        return found

    def there(self, metric: Metric, period: Period | None = None) -> Observation | None:
        """What the ledger has for a metric in the period: what is on its way for it, else what counts on its days."""
        period, rows = period or self.period, self._stored.get(metric.pk or 0, ())
        days = (period.start, period.end)
        same = [r for r in rows if r.state in OPEN_STATES and (r.period.start, r.period.end) == days]
        return next(iter(same), None) or next(
            (row for row in rows if row.is_current and row.period.overlaps(period)), None
        )

    @cached_property
    def honours(self) -> list[Honour]:
        """The honours of the organ."""
        return list(Honour.objects.live().visible_to(self.user).filter(organ=self.organ).order_by("pk"))

    def honour(self, pk: int) -> Honour:
        """One of them."""
        return next(row for row in self.honours if row.pk == pk)

    @cached_property
    def _made(self) -> dict[tuple[type, int], list[Any]]:
        """What was made of the same article before, by kind and place."""
        found: dict[tuple[type, int], list[Any]] = defaultdict(list)
        if self.article:
            for model in (Observation, Action, Honour):
                for row in made_of(self.article, model):
                    found[model, row.article_start].append(row)
        return found

    def made_at(self, model: type[models.Model], start: int) -> list[Any]:
        """Rows of a model that were made of the words at this place before."""
        return self._made.get((model, start), [])

    @cached_property
    def campaign(self) -> Campaign | None:
        """The open campaign that the organ takes part in around the period; the newest of several."""
        found = Campaign.objects.around(self.organ, (self.period.start, self.period.end))
        return found.filter(closed=False).order_by("-first_day", "pk").first()

    @cached_property
    def targets(self) -> dict[int, Target]:
        """The target of each metric in the campaign."""
        rows = Target.objects.live().filter(organ=self.organ, campaign=self.campaign)
        return {row.metric_id: row for row in rows}

    @cached_property
    def pillars(self) -> list[Pillar]:
        """The organ's headings in the campaign."""
        rows = Pillar.objects.filter(organ=self.organ, campaign=self.campaign)
        return list(rows.select_related("theme", "campaign", "organ"))

    @cached_property
    def actions(self) -> list[Action]:
        """The organ's lines in the campaign."""
        rows = Action.objects.heads().visible_to(self.user)
        rows = rows.filter(organ=self.organ, pillar__campaign=self.campaign)
        return list(rows.select_related("pillar__campaign", "pillar__organ", "organ", "kind").order_by("pk"))

    @cached_property
    def themes(self) -> dict[str, Theme]:
        """Standard themes by name."""
        return {row.name: row for row in Theme.objects.all()}

    def theme(self, name: str) -> Theme | None:
        """The theme of a name."""
        return self.themes.get(name)

    @cached_property
    def kinds(self) -> dict[str, ActionKind]:
        """Kinds of action by name."""
        return {row.name: row for row in ActionKind.objects.all()}

    def kind(self, name: str) -> ActionKind | None:
        """The kind of a name."""
        return self.kinds.get(name)

    def read(self, words: str, metric: Metric, unit: str = "") -> Quantity | None:
        """The figure in the unit of a metric; 名 is read as 人 where both count the same. ValidationError with a sentence."""
        own = metric.unit.symbol
        same = own in alike_units(unit) or (own == ANY_UNIT and unit not in self.units)
        if unit and unit != own and same and words.endswith(unit):
            words = words.removesuffix(unit) + own
        return QuantityField.read(words, metric, self.known.convertible(metric))

    def read_or_none(self, words: str, metric: Metric, unit: str = "") -> Quantity | None:
        """The same; None for words that say no figure of the metric."""
        try:
            return self.read(words, metric, unit)
        except ValidationError:
            return None

    def counts_in(self, words: str, symbol: str, unit: str) -> bool:
        """Whether a figure of a text can be stored in a unit of the catalogue."""
        return symbol in self.units and bool(self.read_or_none(words, Metric(unit=self.units[symbol]), unit))

    @staticmethod
    def address(row: models.Model) -> str:
        """Where a row is entered."""
        return reverse(f"admin:measures_{row._meta.model_name}_change", args=(row.pk,))


def made_of(article: Article, model: Any) -> Sequence[Any]:
    """The rows of a model that an article was read into and that stand, in the order of the text."""
    rows = model._default_manager.heads().filter(article=article)
    named = {
        Observation: ("metric__unit__base",),
        Target: ("metric__unit__base", "campaign"),
        Action: ("pillar__campaign",),
    }.get(model, ())
    return rows.select_related("organ", *named).order_by("article_start", "pk")
