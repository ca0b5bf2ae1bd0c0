"""What names in a sheet may mean for the one who brings it: their organs, metrics, headings and actions, read once."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from measures.models import Action, ActionKind, Campaign, Metric, Pillar, Theme, Unit
from measures.quantity import UnitSpec
from measures.resources.cells import folded, named
from organs.models import Organ, User
from organs.permissions import Right, scope

Row = TypeVar("Row", bound=models.Model)
#: The first and the last day that a row tells of.
Days = tuple[date, date]


class Names(Generic[Row]):
    """Rows by every name that they go by."""

    def __init__(self, what: str, rows: Iterable[tuple[Row, Sequence[str]]]) -> None:
        self.what = what
        self.rows: dict[str, dict[int, Row]] = defaultdict(dict)
        #: The first name of each, by its key.
        self.words: dict[int, str] = {}
        for row, names in rows:
            self.words[row.pk] = names[0]
            for name in names:
                if name:
                    self.rows[folded(name)][row.pk] = row

    @property
    def said(self) -> list[str]:
        """The first name of each."""
        return list(self.words.values())

    def one(self, said: str) -> Row:
        """The row that a name means; ValidationError with a sentence."""
        return named(self.called(said), said, self.what, self.said)

    def called(self, said: str) -> list[Row]:
        """All rows that go by a name."""
        return list(self.rows.get(folded(said), {}).values())


class Known:
    """The rows that a person may name, each kind read when it is first asked for."""

    def __init__(self, user: User, home: Organ | None = None, *, right: Right = Right.ENTER) -> None:
        self.user, self.home, self.reach = user, home, scope(user, right)

    @cached_property
    def organs(self) -> Names[Organ]:
        """The organs that the person enters for."""
        rows = list(Organ.objects.filter(self.reach.q("path")))
        by_path, called = {row.path: row for row in rows}, Counter(row.name for row in rows)
        ways = {
            row.pk: f"{above.name}/{row.name}"
            for row in rows
            if called[row.name] > 1 and (above := by_path.get(row.path[: -row.steplen]))
        }
        named = [(row, (ways.get(row.pk, row.name), row.name, row.short_name)) for row in rows]
        return Names("本人可以录入的单位", named)

    def organ_name(self, organ: Organ) -> str:
        """The name that means this organ alone: with its superior (示范县/甲局) where several of one's own share it."""
        return self.organs.words.get(organ.pk, organ.name)

    def organ(self, said: str) -> Organ:
        """An organ by its name; the one that the sheet is for where there is none."""
        if said:
            return self.organs.one(said)
        if self.home is None:
            raise ValidationError("请写明单位。")
        return self.home

    @cached_property
    def campaigns(self) -> Names[Campaign]:
        """Campaigns that the person sees, also by the year in which they begin and by years that no other one covers."""
        rows = list(Campaign.objects.visible_to(self.user))
        covered = {row.pk: range(row.first_day.year, row.last_day.year + 1) for row in rows}
        times = Counter(year for years in covered.values() for year in years)
        named = []
        for row in rows:
            years = [year for year in covered[row.pk] if year == row.first_day.year or times[year] == 1]
            named.append(
                (row, (row.name, *(f"{year}{word}" for year in years for word in ("", "年", "年度"))))
            )
        return Names("创建活动", named)

    @cached_property
    def kinds(self) -> Names[ActionKind]:
        """Kinds of action."""
        return Names("举措类别", [(row, (row.name,)) for row in ActionKind.objects.all()])

    @cached_property
    def themes(self) -> Names[Theme]:
        """Standard themes."""
        return Names("标准主题", [(row, (row.name, row.short_name)) for row in Theme.objects.all()])

    @cached_property
    def _pillars(self) -> dict[int, Names[Pillar]]:
        rows = Pillar.objects.filter(self.reach.q("organ__path"))
        found = _by_organ(rows.select_related("organ", "campaign", "theme"))
        return {
            organ: Names(
                "创建支柱", [(row, (row.heading, f"{row.heading}（{row.campaign}）")) for row in mine]
            )
            for organ, mine in found.items()
        }

    def pillar(
        self, said: str, organ: Organ, campaign: Campaign | None = None, day: date | None = None
    ) -> Pillar:
        """A heading of an organ; of several campaigns' the one that is open, holds the day (today), or is the newest."""
        day = day or timezone.localdate()
        names = self.pillars_of(organ)
        same = names.called(said)
        if campaign:
            same = [row for row in same if row.campaign_id == campaign.pk]
        same.sort(
            key=lambda row: (
                not row.campaign.closed,
                _holds(row.campaign, (day, day)),
                row.campaign.first_day,
                row.pk,
            )
        )
        return named(same[-1:], said, names.what, names.said, organ.label)

    def pillars_of(self, organ: Organ) -> Names[Pillar]:
        """The headings of an organ."""
        return self._pillars.get(organ.pk) or Names("创建支柱", ())

    def actions_of(self, organ: Organ) -> Names[Action]:
        """The lines of an organ."""
        return self._actions.get(organ.pk) or Names("举措", ())

    def metrics_of(self, organ: Organ) -> list[Metric]:
        """The common metrics and the organ's own."""
        return [m for m in self.metrics if m.owner is None or organ.path.startswith(m.owner.path)]

    @cached_property
    def _actions(self) -> dict[int, Names[Action]]:
        rows = Action.objects.heads().filter(self.reach.q("organ__path"))
        rows = rows.select_related("organ", "pillar__campaign", "pillar__organ", "kind")
        found = _by_organ(rows.order_by("pillar__campaign__closed", "-pillar__campaign__first_day", "pk"))
        return {organ: Names("举措", [(row, _names(row)) for row in mine]) for organ, mine in found.items()}

    def action(self, said: str, organ: Organ, days: Days | None) -> Action:
        """A line of an organ by its title: of the campaign that holds the days, and of an open one before closed ones."""
        names = self._actions.get(organ.pk)
        if names is None:
            raise ValidationError(f"{organ.label}还没有举措，请先录入或导入举措。")
        same = names.called(said)
        same = [row for row in same if days and _holds(row.pillar.campaign, days)] or same
        still_open = [row for row in same if not row.pillar.campaign.closed]
        return named(still_open or same, said, names.what, names.said, organ.label)

    def name_of(self, action: Action, days: Days) -> str:
        """The shortest name by which a line is found again in a row of these days."""
        for name in _names(action):
            try:
                if self.action(name, action.organ, days) == action:
                    return name
            except ValidationError:
                continue
        return action.title

    @cached_property
    def metrics(self) -> list[Metric]:
        """Metrics that the person sees, with their units."""
        rows = Metric.objects.visible_to(self.user)
        return list(rows.select_related("unit__base", "owner", "theme", "pair__unit"))

    def metric(self, said: str, unit: str, organ: Organ) -> Metric:
        """A metric by its name, told from one of the same name by its unit; that of the nearest organ before a common one."""
        if organ.path not in self._metrics:
            pairs = [(m, (m.name, str(m), f"{m.name}{m.unit}")) for m in self.metrics_of(organ)]
            self._metrics[organ.path] = Names("成效指标", pairs)
        names = self._metrics[organ.path]
        same = names.called(said)
        if unit and len(same) > 1:
            same = [m for m in same if m.unit.symbol == unit]
        nearest = max((len(m.owner.path) if m.owner else 0 for m in same), default=0)
        same = [m for m in same if (len(m.owner.path) if m.owner else 0) == nearest]
        return named(same, said, names.what, names.said)

    @cached_property
    def _metrics(self) -> dict[str, Names[Metric]]:
        return {}

    @cached_property
    def _units(self) -> dict[str, list[Unit]]:
        found: dict[str, list[Unit]] = defaultdict(list)
        for unit in Unit.objects.select_related("base"):
            found[unit.dimension].append(unit)
        return found

    def convertible(self, metric: Metric) -> tuple[UnitSpec, ...]:
        """The other units that a figure of the metric may be written in."""
        return tuple(u.spec for u in self._units[metric.unit.dimension] if u.pk != metric.unit_id)

    @property
    def units(self) -> dict[str, Unit]:
        """All units by their symbols."""
        return {unit.symbol: unit for units in self._units.values() for unit in units}

    @cached_property
    def unit_names(self) -> dict[str, str]:
        """The symbols of all units by all that they are called."""
        return {name: symbol for symbol, unit in self.units.items() for name in unit.spec.names}


def _holds(campaign: Campaign, days: Days) -> bool:
    """Whether both days lie in the campaign."""
    return campaign.first_day <= days[0] and days[1] <= campaign.last_day


def _names(action: Action) -> tuple[str, ...]:
    """What a line is called, with its heading and its campaign where the title is not enough."""
    title, heading, campaign = action.title, action.pillar.heading, action.pillar.campaign
    return title, f"{title}（{heading}）", f"{title}（{heading}，{campaign}）"


def _by_organ(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.organ_id].append(row)
    return found
