"""The headings and actions that an article proposes: what the ledger has already, what may be meant, what is new."""

from collections.abc import Iterator

from measures.articles.proposing import JOIN, LEAVE, NEW, Option, Proposal
from measures.articles.surroundings import Surroundings
from measures.matching import Named, candidates
from measures.models import Action
from measures.outline import Outline, Part, Step

LONGEST_HEADING, LONGEST_TITLE = 100, 100
_LEAST_TITLE = 4


def outline_proposals(found: Outline, text: str, around: Surroundings) -> Iterator[Proposal]:
    """Headings and actions in the order of the text; none without a campaign that they would belong to."""
    if around.campaign is None:
        return
    headings = [Named(row.pk, row.heading) for row in around.pillars]
    titles = [Named(row.pk, row.title) for row in around.actions]
    for part in found.parts:
        heading = _heading(part, text, around, headings) if part.heading else None
        if heading:
            yield heading
        open_ = heading is None or bool(heading.row) or heading.advice != LEAVE
        for step in part.steps:
            yield _step(step, part, around, titles, placed=open_)


def _heading(part: Part, text: str, around: Surroundings, known: list[Named]) -> Proposal:
    start = max(text.find(part.heading, part.start), part.start)
    words = part.heading[:LONGEST_HEADING]
    same = next((row for row in around.pillars if row.heading == words), None)
    near = candidates(words, known, most=3)
    sure = bool(near) and near[0].sure
    theme = part.theme if around.theme(part.theme) else ""
    return Proposal(
        *("heading", f"p{start}", start, min(start + len(part.heading), len(text)), words, "支柱"),
        sentence=part.heading,
        options=tuple(Option(f"{JOIN}{each.key}", each.name, each.reason) for each in near),
        advice=f"{JOIN}{near[0].key}" if sure else NEW if theme else LEAVE,
        sure=sure or (bool(theme) and not near),
        reason=f"材料的标题；主题按字面归为“{part.theme}”。"
        if part.theme
        else "材料的标题；看不出归哪个主题。",
        source=part,
        notes=() if theme or sure else ("看不出归哪个标准主题，要建请展开“改内容”选一个。",),
        fields={"heading": words, "theme": theme},
        done=f"支柱“{words}”" if same else "",
        url=around.address(same) if same else "",
        row=same,
    )


def _step(step: Step, part: Part, around: Surroundings, known: list[Named], *, placed: bool) -> Proposal:
    title = step.title[:LONGEST_TITLE]
    made = next(iter(around.made_at(Action, step.start)), None)
    same = made or next((row for row in around.actions if row.title == title), None)
    near = candidates(title, known, most=3)
    sure = bool(near) and near[0].sure
    rows = {row.pk: row for row in around.actions}
    options = [
        Option(
            f"{JOIN}{each.key}",
            each.name,
            f"{each.reason}；{rows[each.key].pillar.heading}，{rows[each.key].get_state_display()}",
        )
        for each in near
    ]
    pillar = part.heading[:LONGEST_HEADING] or _of_theme(step.theme, around)
    kind = step.kind if around.kind(step.kind) else ""
    plain = placed and bool(part.heading and kind) and not near and len(title) >= _LEAST_TITLE
    return Proposal(
        *("step", f"s{step.start}", step.start, step.end, title, "举措"),
        sentence=step.sentence,
        options=tuple(options),
        advice=f"{JOIN}{near[0].key}" if sure else NEW if title and pillar and kind and placed else LEAVE,
        sure=sure or plain,
        reason=f"“{part.heading or '（没有标题）'}”下面的一件事；类别按字面归为“{step.kind or '（看不出）'}”。",
        source=step,
        notes=() if kind or sure else ("看不出类别，要登记请展开“改内容”选一个。",),
        fields={"title": title, "kind": kind, "pillar": pillar},
        done=f"{same.title}（{same.get_state_display()}）" if same else "",
        url=around.address(same) if same else "",
        row=same,
    )


def _of_theme(theme: str, around: Surroundings) -> str:
    """The only heading of a theme, for what stands under none in the text."""
    found = [row.heading for row in around.pillars if row.theme.name == theme]
    return found[0] if len(found) == 1 else ""
