"""What an article proposes for the ledger of its organ: figures, headings, actions, honours, each with candidates.

The same text and the same ledger give the same proposals: what a clerk chose is told by the place in the text.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from measures.articles.relating import HOUSEHOLDS
from measures.articles.surroundings import Surroundings
from measures.articles.telling import beyond, elsewhere, left_out, nature_of, row_of_table
from measures.awards import Award
from measures.figures import Figure
from measures.figures.figure import Saying
from measures.matching import MOST, Candidate, Named, alike_units, candidates, fits, kept_in
from measures.models import Honour, Metric, Observation
from measures.quantity import QuantityError
from measures.rollups.figures import say

JOIN, NEW, OTHER, LEAVE = "j", "new", "other", "no"
LONGEST_NAME, LONGEST_PHRASE = 60, 200
#: A unit that the catalogue has for whatever is counted.
ANY_UNIT = "个"


@dataclass(frozen=True)
class Option:
    """Something that a clerk may choose; `told` says what the ledger has, `barred` that nothing new can be stored."""

    value: str
    name: str
    reason: str = ""
    told: str = ""
    url: str = ""
    barred: bool = False


@dataclass(frozen=True)
class Proposal:
    """One thing that the text says, where, what may become of it, and why; `key` is its place."""

    kind: str
    key: str
    start: int
    end: int
    title: str
    said: str
    sentence: str
    options: tuple[Option, ...]
    advice: str
    sure: bool
    reason: str
    source: Any
    notes: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    #: What was made of it before, in words, and its address.
    done: str = ""
    url: str = ""
    #: Of the first part of one that is split: into how many.
    parts: int = 1
    #: The row that is there already.
    row: Any = None

    @property
    def long(self) -> bool:
        """Whether it is a whole sentence, in which others stand."""
        return self.kind == "step"

    @property
    def whole(self) -> bool:
        """Whether it is all that its words say, and no part of them."""
        return self.parts == 1 and "." not in self.key

    @property
    def root(self) -> str:
        """The key of the whole that this is a part of."""
        return self.key.partition(".")[0]


class FigureProposals:
    """The figures of a text, each a proposal or, split, several."""

    def __init__(self, figures: Sequence[Figure], around: Surroundings, honours: Sequence[Award]) -> None:
        self.figures, self.around, self.honours = figures, around, honours
        self.named = [named_as(metric) for metric in around.metrics if not metric.counts]
        self.differing = _differing(figures)
        self.taken: dict[Any, Proposal] = {}
        self.starts = {figure.start: figure for figure in figures}

    def all(self, split: Mapping[str, int]) -> Iterator[Proposal]:
        """In the order of the text; `split` says into how many parts a clerk has cut one."""
        for figure in self.figures:
            key = f"f{figure.start}"
            if there := self.around.made_at(Observation, figure.start):
                for row in there:
                    yield self._done(key, figure, row)
                continue
            names = figure.applies_to or (figure.what,)
            names = (*names, *(figure.what,) * max(split.get(key, 0) - len(names), 0))
            for place, name in enumerate(names):
                part = self._once(self._proposal(key if place == 0 else f"{key}.{place}", figure, name))
                yield part if place else replace(part, parts=len(names))

    def _once(self, proposal: Proposal) -> Proposal:
        """The proposal; where one before it is advised to be the same metric, to be left out."""
        told = proposal.fields["name"], proposal.fields["unit"]
        same = told if proposal.advice == NEW else proposal.advice
        before = self.taken.setdefault(same, proposal)
        if proposal.advice == LEAVE or before is proposal:
            return proposal
        note = f"与前面的“{before.said}”是同一个指标，同一个期间只能有一个数。"
        return replace(proposal, advice=LEAVE, sure=False, notes=(*proposal.notes, note))

    def _done(self, key: str, figure: Figure, row: Observation) -> Proposal:
        said = f"{row.metric.name} {row.said}（{row.period.label}，{row.get_state_display()}）"
        return Proposal(
            *("figure", key, figure.start, figure.end, figure.what, figure.words, figure.sentence),
            options=(),
            advice=LEAVE,
            sure=True,
            reason=figure.reason,
            source=figure,
            done=said,
            url=self.around.address(row),
        )

    def _proposal(self, key: str, figure: Figure, name: str) -> Proposal:
        unit, dimension = self.around.unit_of(figure.unit)
        if unit not in kept_in(figure.unit) and not figure.unit_spec.whole:
            unit, dimension = "", ""  # tonnes are not counted in pieces
        found = self._candidates(figure, name, dimension)
        options = [self._option(each, figure) for each in found]
        notes = [*self._notes(figure, unit)]
        advice, sure = self._advice(figure, name, unit, found, options)
        metric = self.around.metric(found[0].key) if found and found[0].sure else None
        if metric and not self.around.fits(metric):
            notes.append(
                f"“{metric.name}”按{metric.get_rhythm_display()}填报，要采用请展开“改内容”，填相应的期间。"
            )
            advice, sure = LEAVE, False
        if why := left_out(figure):
            notes.append(why)
        if why or elsewhere(figure.period, self.around.period):
            advice, sure = LEAVE, False
        fields = {
            "name": name[:LONGEST_NAME],
            "unit": unit,
            "said": typed(figure),
            "was": figure.was,
            "nature": nature_of(figure, unit).label,
        }
        return Proposal(
            *("figure", key, figure.start, figure.end, name, figure.words, figure.sentence),
            options=tuple(options),
            advice=advice,
            sure=sure and (advice == LEAVE or not self._doubtful(figure)),
            reason=figure.reason,
            source=figure,
            notes=tuple(notes),
            fields=fields,
        )

    def _doubtful(self, figure: Figure) -> bool:
        """Whether the clerk has to look, however plain its name is."""
        asked = figure.parted or figure.start in self.differing or row_of_table(figure)
        return asked or beyond(figure.period, self.around.period)

    def _candidates(self, figure: Figure, name: str, dimension: str) -> Sequence[Candidate]:
        """The metrics that may be meant; of the other half of a pair (户/人) first the one that its half is paired with."""
        own = candidates(name, self.named, unit=figure.unit, dimension=dimension)
        half = self.starts.get(-1 if figure.pair is None else figure.pair)
        if half is None or (own and own[0].sure):
            return own
        _, other = self.around.unit_of(half.unit)
        led = [
            replace(
                each, key=pair.pk, name=pair.name, reason=f"与“{half.words}”是一对：“{each.name}”配的就是它"
            )
            for each in candidates(half.what, self.named, unit=half.unit, dimension=other)
            if (pair := self.around.pairs.get(each.key)) and fits(figure.unit, dimension, named_as(pair))
        ]
        keys = {each.key for each in led}
        return [*led, *(each for each in own if each.key not in keys)][:MOST]

    def _option(self, found: Candidate, figure: Figure) -> Option:
        """A metric that may be meant, with what the ledger has of it for the period."""
        metric = self.around.metric(found.key)
        name = f"{metric.name}（{metric.unit}）"
        option = Option(f"{JOIN}{found.key}", name, found.reason)
        there = self.around.there(metric)
        if there is None:
            return option
        quantity = self.around.read_or_none(typed(figure), metric, figure.unit)
        state = there.get_state_display()
        if quantity and there.quantity and replace(quantity, words="") == replace(there.quantity, words=""):
            told = f"台账里已有同样的数：{there.period.label} {say(there.quantity, metric)}（{state}）"
        else:
            told = f"前后不一致：台账里{there.period.label}是{there.said}（{state}），材料说{figure.words}"
        return replace(option, told=told, url=self.around.address(there), barred=True)

    def _notes(self, figure: Figure, unit: str) -> Iterator[str]:
        if other := self.differing.get(figure.start):
            yield f"前后不一致：文中另一处说的是{other}，请核对。"
        if figure.parted:
            yield f"原文的数字中间有空格，当作一个数“{figure.said}”，请核对。"
        if row_of_table(figure):
            yield "像是表格里的一行，请核对指标名称。"
        if figure.part_of is not None and (whole := self.starts.get(figure.part_of)):
            new = "；新建指标的，记成它的其中项" if whole.unit in alike_units(figure.unit) else ""
            yield f"是“{whole.words}{whole.what}”的其中项，不另算一个总数{new}。"
        if figure.pair is not None and (pair := self.starts.get(figure.pair)):
            both = "；两条都新建指标的，配成一对" if HOUSEHOLDS in (figure.unit, pair.unit) else ""
            yield f"与“{pair.words}”说的是同一件事，单位不同{both}。"
        if figure.period:
            chosen = self.around.period
            fits = not (elsewhere(figure.period, chosen) or beyond(figure.period, chosen))
            other = "" if fits else f"，不是所选的{chosen.label}；要采用请展开“改内容”，核对期间"
            yield f"原文说的时间是“{figure.period}”{other}。"
        if figure.quantity is None:
            yield "这几个字不是一个能入账的数，要用请改写成数。"
        elif unit != figure.unit and unit not in alike_units(figure.unit):
            yield (
                f"计量单位里没有“{figure.unit}”，先按“{unit}”记，可以改。"
                if unit
                else f"计量单位里没有“{figure.unit}”，请联系工委管理员添加，或者改写后换一个单位。"
            )

    def _advice(
        self, figure: Figure, name: str, unit: str, found: Sequence[Candidate], options: Sequence[Option]
    ) -> tuple[str, bool]:
        """What to choose, and whether it is plain enough to be taken with others in one go."""
        if figure.qualifier is Saying.YEAR:
            told = any(a.start < figure.end + 60 and a.start >= figure.start - 60 for a in self.honours)
            return LEAVE, told
        if figure.quantity is None or (not options and figure.qualifier is Saying.RANK):
            return LEAVE, False
        if found and found[0].sure:
            metric = self.around.metric(found[0].key)
            if options[0].barred or self.around.read_or_none(typed(figure), metric, figure.unit) is None:
                return LEAVE, options[0].barred
            return options[0].value, True
        if not self.around.counts_in(typed(figure), unit, figure.unit):
            return LEAVE, False
        plain = unit in alike_units(figure.unit) and not found and len(name) >= 4 and "分别" not in name
        return NEW, plain


def named_as(metric: Metric) -> Named:
    """A metric by its name and unit."""
    return Named(metric.pk, metric.name, metric.unit.symbol, metric.unit.dimension)


def typed(figure: Figure) -> str:
    """The figure as a clerk would type it: its own words where they say the same."""
    try:
        spec = figure.unit_spec
        own = type(figure.quantity).parse(figure.words, spec) if figure.quantity else None
    except QuantityError:
        own = None
    if own and figure.quantity and replace(own, words="") == replace(figure.quantity, words=""):
        return figure.words
    return figure.said


def _differing(figures: Sequence[Figure]) -> dict[int, str]:
    """By place the other figure that a text gives for the same thing, unit and time."""
    found: dict[tuple[str, str, str], list[Figure]] = defaultdict(list)
    for figure in figures:
        if figure.what and not figure.applies_to:
            found[figure.what, figure.unit, figure.period].append(figure)
    told = {}
    for same in found.values():
        for figure in same:
            other = next((o for o in same if (o.said, o.was) != (figure.said, figure.was)), None)
            if other:
                told[figure.start] = other.words
    return told


def honour_proposals(found: Sequence[Award], around: Surroundings) -> Iterator[Proposal]:
    """The honours of a text: new, or in the ledger already."""
    for award in found:
        key = f"h{award.start}"
        there = around.made_at(Honour, award.start)
        known = [Named(row.pk, row.title) for row in around.honours]
        options = []
        for each in candidates(award.title, known, most=3):
            row = around.honour(each.key)
            told = f"台账里已有：{row.title}，{row.year}年（{row.get_state_display()}）"
            options.append(Option(f"{JOIN}{row.pk}", row.title, each.reason, told, around.address(row), True))
            if each.sure and row.year == around.year and not there:
                there = [row]
        fields = {
            "title": award.title[:100],
            "level": award.level,
            "issuer": award.issuer[:60],
            "recipient": _recipient(award, around),
            "year": str(around.year),
            "streak": str(award.streak or ""),
        }
        done = there[0] if there else None
        yield Proposal(
            *("honour", key, award.start, award.end, award.title, "荣誉", award.sentence),
            options=(),
            advice=NEW if award.level else LEAVE,
            sure=bool(award.level and fields["recipient"]),
            reason=f"原文：{award.sentence[:120]}",
            source=award,
            notes=(
                *(option.told for option in options),
                *(() if award.level else ("看不出级别，要登记请展开“改内容”选一个。",)),
            ),
            fields=fields,
            done=f"{done.title}，{done.year}年（{done.get_state_display()}）" if done else "",
            url=around.address(done) if done else "",
        )


def _recipient(award: Award, around: Surroundings) -> str:
    """The body that was honoured: 该局 and the like are the organ itself."""
    said, organ = award.recipient, around.organ
    if not said or said[0] in "该本我" or said in ("局", organ.label, organ.name):
        return organ.name[:60]
    return (
        f"{organ.label}{said[1:] if said.startswith('局') else said}"[:60] if said.startswith("局") else said
    )
