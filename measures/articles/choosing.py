"""The rows that follow from what a clerk chose of an article's proposals; what is wrong stands in the forms."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError

from measures import storing
from measures.articles.forms import ChoiceForm, FigureForm, HeadingForm, HonourForm, StepForm
from measures.articles.proposing import JOIN, LEAVE, LONGEST_PHRASE, NEW, OTHER, Proposal
from measures.articles.relating import relate
from measures.articles.surroundings import Surroundings
from measures.articles.telling import nature_of
from measures.figures import Figure
from measures.models import (
    Action,
    Honour,
    Metric,
    Observation,
    Pillar,
    Source,
    Target,
)
from measures.progress import Direction

_ORDER = (HeadingForm, StepForm, FigureForm, HonourForm)


@dataclass
class Chosen:
    """The rows that were chosen, none of them stored; those that hang on another name it by its row."""

    pillars: list[Pillar] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    metrics: list[Metric] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    honours: list[Honour] = field(default_factory=list)
    #: The action that each observation belongs to.
    under: dict[int, Action] = field(default_factory=dict)
    undecided: int = 0
    personal: bool = False

    @property
    def count(self) -> int:
        """How many drafts there would be."""
        return len(self.actions) + len(self.observations) + len(self.targets) + len(self.honours)

    @property
    def something(self) -> bool:
        """Whether there is anything to store."""
        return bool(self.count or self.pillars)


class Chooser:
    """Reads the forms of an article in order; what is wrong stands in its form, beside its field."""

    def __init__(self, around: Surroundings, proposals: Sequence[Proposal]) -> None:
        self.around = around
        self.chosen = Chosen()
        self.pillars: dict[str, Pillar] = {row.heading: row for row in around.pillars}
        self.steps: list[tuple[Proposal, Action]] = [
            (each, each.row) for each in proposals if each.kind == "step" and each.row
        ]
        self.parts = [each for each in proposals if each.kind == "heading"]
        self._metrics: dict[tuple[str, str], Metric] = {(m.name, m.unit.symbol): m for m in around.metrics}
        self._taken: dict[tuple[int, Any], str] = {}
        self._told: dict[int, tuple[Figure, Metric]] = {}

    def take(self, forms_: Iterable[ChoiceForm]) -> Chosen:
        """The rows that follow; forms with errors give none."""
        for form in sorted(forms_, key=lambda form: _ORDER.index(type(form))):
            if not form.is_valid():
                continue
            if not form.chosen:
                self.chosen.undecided += 1
            elif form.chosen != LEAVE:
                self.chosen.personal |= form.personal()
                self._take(form)
        relate(self._told)
        return self.chosen

    def _take(self, form: ChoiceForm) -> None:
        match form:
            case HeadingForm():
                self._heading(form)
            case StepForm():
                self._step(form)
            case FigureForm():
                self._figure(form)
            case HonourForm():
                self._honour(form)

    def _heading(self, form: HeadingForm) -> None:
        told = form.proposal.fields["heading"]
        if form.chosen != NEW:
            known = {f"{JOIN}{row.pk}": row for row in self.around.pillars}
            if (row := known.get(form.chosen)) is None:
                form.add_error(None, "所选的支柱现在没有了，请另选。")
            else:
                self.pillars[told] = row
            return
        words, theme = form.typed("heading"), self.around.theme(form.typed("theme"))
        if not words:
            form.add_error("heading", "请填标题。")
        if theme is None:
            form.add_error("theme", f"标准主题请从列出的里面选：{'、'.join(self.around.themes)}。")
        if form.errors:
            return
        row = self.pillars.get(words)
        if row is None:
            order = max((row.order for row in self.pillars.values()), default=0) + 1
            row = Pillar(
                campaign=self.around.campaign,
                organ=self.around.organ,
                heading=words,
                theme=theme,
                order=order,
            )
            if not self._checked(form, row):
                return
            self.chosen.pillars.append(row)
        self.pillars[words] = self.pillars[told] = row

    def _step(self, form: StepForm) -> None:
        step = form.proposal.source
        if form.chosen != NEW:
            known = {f"{JOIN}{row.pk}": row for row in self.around.actions}
            if (row := known.get(form.chosen)) is None:
                form.add_error(None, "所选的举措现在没有了，请另选。")
            else:
                self.steps.append((form.proposal, row))
            return
        title, heading, kind = form.typed("title"), form.typed("pillar"), self.around.kind(form.typed("kind"))
        pillar = self.pillars.get(heading)
        if not title:
            form.add_error("title", "请填举措。")
        if kind is None:
            form.add_error("kind", f"类别请从列出的里面选：{'、'.join(self.around.kinds)}。")
        if pillar is None:
            why = (
                f"支柱“{heading}”还没有选定，请先选定它，或者写一个已有的。"
                if heading
                else "请写明属于哪个支柱。"
            )
            form.add_error("pillar", why)
        if form.errors or pillar is None:
            return
        under = [row for row in (*self.around.actions, *self.chosen.actions) if row.pillar is pillar]
        under += [row for row in self.around.actions if pillar.pk and row.pillar_id == pillar.pk]
        if row := next((row for row in under if row.title == title), None):
            self.steps.append((form.proposal, row))
            return
        row = Action(
            pillar=pillar,
            organ=self.around.organ,
            title=title,
            kind=kind,
            what=step.sentence.strip()[:1000],
            order=max((other.order for other in under), default=0) + 1,
            article_start=step.start,
            article_end=step.end,
        )
        if self._checked(form, row):
            self.chosen.actions.append(row)
            self.steps.append((form.proposal, row))

    def _place(self, row: Observation, start: int) -> None:
        """Tie a figure to the action around its words, or else to the heading above them."""
        for step, action in self.steps:
            if step.start <= start < step.end:
                self.chosen.under[id(row)] = action
                return
        above = [part for part in self.parts if part.start <= start]
        if above:
            row.pillar = self.pillars.get(above[-1].title)

    def _figure(self, form: FigureForm) -> None:
        metric = self._metric(form)
        period = form.cleaned_data.get("period") or self.around.period
        if metric is None:
            return
        figure = form.proposal.source
        row = Observation(
            organ=self.around.organ,
            metric=metric,
            source=Source.READ,
            phrase=phrase(figure.sentence, figure.start - figure.sentence_start, figure.words),
            article_start=figure.start,
            article_end=figure.end,
        )
        row.period = period
        if not form.typed("said"):
            form.add_error("said", "请填数值。")
            return
        try:
            row.quantity = self.around.read(form.typed("said"), metric, figure.unit)
        except ValidationError as error:
            form.add_error("said", error)
            return
        if metric.pk and (there := self.around.there(metric, period)):
            state = there.get_state_display()
            form.add_error(
                None,
                f"台账里{there.period.label}的“{metric.name}”已有{there.said}（{state}），没有再建；"
                "要改请打开那一份，这里选“不要”。",
            )
            return
        if before := self._taken.get((id(metric), (period.start, period.end))):
            form.add_error(None, f"与“{before}”选了同一个指标、同一个期间，请留下一个。")
            return
        self._taken[id(metric), (period.start, period.end)] = f"{figure.words}"
        self._place(row, figure.start)
        if self._checked(form, row):
            self.chosen.observations.append(row)
            if form.proposal.whole:
                self._told[figure.start] = figure, metric
            self._baseline(form, metric, figure)

    def _metric(self, form: FigureForm) -> Metric | None:
        """The metric that was chosen; None where the form says what is wrong."""
        try:
            if form.chosen == NEW:
                return self._new_metric(form)
            if form.chosen == OTHER:
                if not form.typed("other"):
                    form.add_error("other", "请写明是哪个指标。")
                    return None
                return self.around.known.metric(form.typed("other"), "", self.around.organ)
        except ValidationError as error:
            form.add_error("other" if form.chosen == OTHER else "name", error)
            return None
        number = form.chosen.removeprefix(JOIN)
        found = {str(metric.pk): metric for metric in self.around.metrics}.get(number)
        if found is None:
            form.add_error(None, "所选的指标现在没有了，请另选。")
        return found

    def _new_metric(self, form: FigureForm) -> Metric | None:
        name, symbol = form.typed("name"), form.typed("unit")
        unit = self.around.units.get(symbol)
        if not name:
            form.add_error("name", "请填指标名称。")
        if unit is None:
            form.add_error("unit", f"计量单位里没有“{symbol}”，请选一个。" if symbol else "请选计量单位。")
        if form.errors or unit is None:
            return None
        if metric := self._metrics.get((name, symbol)):
            return metric
        figure = form.proposal.source
        period = form.cleaned_data.get("period") or self.around.period
        metric = Metric(
            name=name,
            unit=unit,
            owner=self.around.organ,
            nature=nature_of(figure, symbol),
            rhythm=period.kind.value,
            direction=_direction(figure),
            decimals=_places(form.typed("said")),
        )
        try:
            storing.check(metric)
        except ValidationError as error:
            form.add_error("name", " ".join(error.messages))
            return None
        self._metrics[name, symbol] = metric
        self.chosen.metrics.append(metric)
        return metric

    def _baseline(self, form: FigureForm, metric: Metric, figure: Any) -> None:
        """The old value of a change, as the baseline of the campaign where there is none yet."""
        campaign = self.around.campaign
        if not form.typed("was") or campaign is None or (metric.pk and metric.pk in self.around.targets):
            return
        row = Target(
            organ=self.around.organ,
            metric=metric,
            campaign=campaign,
            article_start=figure.start,
            article_end=figure.end,
        )
        row.phrase = phrase(figure.sentence, figure.start - figure.sentence_start, figure.words)
        try:
            row.baseline = self.around.read(form.typed("was"), metric, figure.unit)
        except ValidationError as error:
            form.add_error("was", error)
            return
        self.chosen.targets.append(row)

    def _honour(self, form: HonourForm) -> None:
        award = form.proposal.source
        for name, words in (("title", "名称"), ("level", "级别"), ("recipient", "获得者"), ("year", "年度")):
            if not form.typed(name):
                form.add_error(name, f"请填{words}。")
        if form.errors:
            return
        row = Honour(
            organ=self.around.organ,
            title=form.typed("title"),
            level=form.typed("level"),
            issuer=form.typed("issuer"),
            recipient=form.typed("recipient"),
            year=form.cleaned_data["year"],
            date_words=award.when[:30],
            streak_years=form.cleaned_data.get("streak"),
            article_start=award.start,
            article_end=award.end,
        )
        if self._checked(form, row):
            self.chosen.honours.append(row)

    def _checked(self, form: ChoiceForm, row: Any) -> bool:
        """Whether the door would take the row; what it would say stands in the form."""
        try:
            storing.check(row)
        except ValidationError as error:
            found = error.error_dict if hasattr(error, "error_dict") else {None: error.error_list}
            for name, errors in found.items():
                shown = {"quantity": "said", "streak_years": "streak"}.get(name or "", name)
                told = " ".join(message for one in errors for message in one.messages)
                form.add_error(shown if shown in form.fields else None, told)
            return False
        return True


def phrase(sentence: str, at: int, words: str) -> str:
    """The sentence, or as much of a long one around the words as a row keeps, cut where a clause ends."""
    sentence, at = sentence.rstrip(), max(at - (len(sentence) - len(sentence.lstrip())), 0)
    sentence = sentence.lstrip()
    if len(sentence) <= LONGEST_PHRASE:
        return sentence
    end = at + len(words)
    clauses = [place + 1 for place, mark in enumerate(sentence) if mark in "，；。："]
    first = next((place for place in clauses if place > end - LONGEST_PHRASE + 40 and place <= at), None)
    first = max(at - 60, 0) if first is None else first
    last = max((place for place in clauses if end <= place <= first + LONGEST_PHRASE), default=None)
    return sentence[first : last or first + LONGEST_PHRASE].strip()


def _direction(figure: Any) -> str:
    """What was lowered and is told of was to be lowered."""
    lowered = figure.baseline is not None and figure.amount < figure.baseline
    return (Direction.DOWN if lowered else Direction.UP).value


def _places(words: str) -> int:
    """Decimal places of a figure as it is written."""
    _, point, rest = words.partition(".")
    digits = len(rest) - len(rest.lstrip("0123456789"))
    return min(digits, 4) if point else 0
