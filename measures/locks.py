"""What may not be changed, and the sentence that says why and who can help."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, TypeVar, cast

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from measures.models import (
    CONFIRMED_STATES,
    SETTLED_STATES,
    Action,
    Activity,
    Campaign,
    Evidence,
    EvidenceLink,
    Metric,
    Milestone,
    Participation,
    Pillar,
    Reviewed,
    ReviewState,
    Target,
    Unit,
)
from organs.models import Organ, User
from organs.permissions import Right, can

_DAY = timedelta(days=1)
_OF_A_CAMPAIGN = (Pillar, Participation, Target, Action, Milestone)
_MOSTLY_EMPTY = frozenset({"previous", "keeper", "approved_by", "retracted_by"})

AnyRow = TypeVar("AnyRow", bound=models.Model)

#: What a correction keeps: it is about the same thing.
_SERIES = frozenset({"metric", "organ", "campaign", "action", "period_kind", "period_days", "line"})

#: What locks an action that is being, or has been, closed out.
CLOSING: dict[str, str] = {
    ReviewState.SUBMITTED: "已经申请销号，办结前不能改；需要改请撤回申请，或请审核员退回。",
    ReviewState.APPROVED: "已经销号，不能再改。",
}
_STATES: dict[str, str] = {
    ReviewState.SUBMITTED: "已经报审，审核前不能改；需要改请报审人撤回，或请审核员退回。",
    ReviewState.APPROVED: "已经审核，不能直接改；请用“更正”并写明理由，重新报审。",
    ReviewState.RETRACTED: "已经撤销，不能再改；需要时请另建一条。",
}


class Locked(ValidationError):
    """The row may not be changed; the sentence says why and who can help."""


def locked(row: AnyRow, *, no_key: bool = False) -> AnyRow:
    """The row as stored with what its description names, locked until the caller's transaction ends.

    Raises Locked if it is there no more; with `no_key` others may still be stored that name it.
    """
    rows = type(row)._default_manager.select_for_update(of=("self",), no_key=no_key)
    if stored := rows.select_related(*beside(type(row))).filter(pk=row.pk).first():
        return stored
    raise Locked(f"这条{row._meta.verbose_name}已经不在了，可能刚才有人删除了。")


@cache
def beside(model: type[models.Model]) -> tuple[str, ...]:
    """The foreign keys of a model that are mostly filled; of a metric with its unit, which its name is made of."""
    keys = [f.name for f in model._meta.concrete_fields if f.is_relation and f.name not in _MOSTLY_EMPTY]
    return tuple("metric__unit__base" if name == "metric" else name for name in keys)


def why_locked(row: models.Model, *, hold: bool = False) -> str:
    """Why the row as stored may not be changed, and who can help; empty if it may.

    With `hold` nothing that matters changes before the caller's transaction ends.
    """
    if why := why_closed(row, hold=hold):
        return why
    if isinstance(row, Reviewed):
        if row.superseded_at:
            return "这一版已被更正，不能再改；请到现行的一版上办理。"
        if why := _STATES.get(row.state, ""):
            return why
    if isinstance(row, Milestone) and row.action.closing_state in CLOSING:
        return f"这个项目{CLOSING[row.action.closing_state]}"
    if isinstance(row, Activity) and row.counted_in.current().exists():
        return "这次活动已计入审核过的数值，不能改；请先更正那个数值。"
    if isinstance(row, Evidence | EvidenceLink) and proves_confirmed(row, hold=hold):
        return "它证明的内容已经审核，佐证不能再撤下，也不能再改；要补充请另传一份。"
    return ""


def why_kept(row: models.Model, changed: Collection[str], *, hold: bool = False) -> str:
    """As `why_locked`, of some fields: the progress of an approved line goes on until it is to be closed out."""
    if isinstance(row, Action) and (why := CLOSING.get(row.closing_state)):
        return why
    goes_on = isinstance(row, Reviewed) and row.is_current and row.OPEN_AFTER_APPROVAL.issuperset(changed)
    return why_closed(row, hold=hold) if goes_on else why_locked(row, hold=hold)


@cache
def _naming_links(model: type[models.Model]) -> tuple[models.ManyToManyRel, ...]:
    """The links by which reviewed rows name rows of the model."""
    found = (link for link in model._meta.related_objects if isinstance(link, models.ManyToManyRel))
    return tuple(link for link in found if issubclass(link.related_model, Reviewed))


def fetch_naming(rows: Sequence[models.Model], *, hold: bool = False) -> None:
    """Have at hand what names rows of one model by a link (see `naming`): a query or two for each link."""
    for link in _naming_links(type(rows[0])):
        model = cast(type[Reviewed], link.related_model)
        ties = [field.name for field in model._meta.many_to_many]
        found = model._default_manager.select_related(*beside(model)).prefetch_related(*ties).order_by("pk")
        held = found.select_for_update(of=("self",)) if hold else found
        prefetch_related_objects(rows, Prefetch(str(link.get_accessor_name()), held))


def naming(row: models.Model) -> list[tuple[Reviewed, str]]:
    """The reviewed rows that name the row by a link, each with what the link is called."""
    return [
        (other, str(link.field.verbose_name))
        for link in _naming_links(type(row))
        for other in getattr(row, str(link.get_accessor_name())).all()
    ]


def why_named(row: models.Model, *, by: User, hold: bool = False) -> str:
    """Why the row stays: something submitted or confirmed names it, which would say less; empty if nothing does.

    What the user may not see is told by its organ and kind alone. With `hold` what names the row stays as it is until the
    caller's transaction ends.
    """
    if hold:
        fetch_naming([row], hold=True)
    for other, link in naming(row):
        if other.state not in SETTLED_STATES:
            continue
        waits, kind = other.state == ReviewState.SUBMITTED, other._meta.verbose_name
        seen = can(by, Right.VIEW_DRAFTS if waits else Right.VIEW, other.organ)
        what = f"{kind}“{other}”" if seen else f"{other.organ.label}有{kind}"
        said = f"{what}{'已经报审' if waits else '审核过'}，“{link}”里有它，不能删除"
        if waits:
            return f"{said}；请先撤回或退回那一条，改选以后再删除。"
        return f"{said}；不要的请报审，审核后再撤销。" if isinstance(row, Reviewed) else f"{said}。"
    return ""


def proves_confirmed(row: Evidence | EvidenceLink, *, hold: bool) -> bool:
    """Whether something that the evidence proves has been confirmed."""
    links = (
        row.links.order_by("action", "activity", "observation", "honour")
        if isinstance(row, Evidence)
        else [row]
    )
    proven = [link.proven for link in links if link.proven]
    return any((locked(thing) if hold else thing).state in CONFIRMED_STATES for thing in proven)


def why_closed(row: models.Model, *, hold: bool = False) -> str:
    """Which closed campaign the row belongs to or falls into, and who can help; empty if none.

    With `hold` no campaign that matters closes before the caller's transaction ends.
    """
    if isinstance(row, _OF_A_CAMPAIGN):
        part = _part(row)
        found = _held(Campaign.objects.filter(pk=part.campaign_id)) if hold else [part.campaign]
        return _told(next((campaign for campaign in found if campaign.closed), None))
    if not isinstance(row, Reviewed) or row.organ_id is None or (days := row.held_days()) is None:
        return ""
    around = Campaign.objects.around(row.organ, days)
    return _told(_closed(_held(around) if hold else list(around), days))


class ClosedCampaigns:
    """As `why_closed`, with `hold`, for any number of rows of some organs: two queries."""

    def __init__(self, organs: Iterable[Organ]) -> None:
        self.above = {organ.path: organ.above_and_own for organ in organs}
        paths = {path for above in self.above.values() for path in above}
        rows = Participation.objects.filter(organ__path__in=paths)
        self.taking_part = set(rows.values_list("campaign_id", "organ__path"))
        numbers = {campaign for campaign, _ in self.taking_part}
        found = _held(Campaign.objects.filter(pk__in=numbers).order_by("pk")) if numbers else ()
        self.campaigns = {campaign.pk: campaign for campaign in found}

    def why(self, row: models.Model) -> str:
        """The sentence for a row of one of the organs; empty if no closed campaign holds it."""
        if isinstance(row, _OF_A_CAMPAIGN):
            part = _part(row)
            campaign = self.campaigns.get(part.campaign_id, part.campaign)
            return _told(campaign if campaign.closed else None)
        if not isinstance(row, Reviewed) or (days := row.held_days()) is None:
            return ""
        own = self.above[row.organ.path]
        found = [
            campaign
            for campaign in self.campaigns.values()
            if campaign.first_day < days[1]
            and campaign.last_day >= days[0]
            and any((campaign.pk, path) in self.taking_part for path in own)
        ]
        return _told(_closed(found, days))


def _part(row: Any) -> Any:
    """What of a row names its campaign."""
    line = row.action if isinstance(row, Milestone) else row
    return line.pillar if isinstance(line, Action) else line


def _told(campaign: Campaign | None) -> str:
    if campaign is None:
        return ""
    return f"“{campaign.name}”已结束，其中的内容不能再增加或改动；确需补录或更正请联系工委管理员。"


def _closed(found: Collection[Campaign], days: tuple[date, date]) -> Campaign | None:
    """Of the campaigns around some days the closed one that holds all of them, or some where no open one holds any."""
    closed = [campaign for campaign in found if campaign.closed]
    if len(closed) == len(found):
        return next(iter(closed), None)
    first, last = days[0], days[1] - _DAY
    return next((c for c in closed if c.first_day <= first and last <= c.last_day), None)


def _held(campaigns: QuerySet[Campaign]) -> list[Campaign]:
    """The campaigns as they are now, locked for sharing, which Django's own locks are not."""
    sql, values = campaigns.query.sql_with_params()
    return list(Campaign.objects.raw(f"{sql} FOR SHARE", values))


def refuse_unseen(stored: Reviewed, seen: datetime | None) -> None:
    """Raise Locked if the row has changed since the `changed_at` that the user was shown; None asks nothing."""
    if seen and stored.changed_at != seen:
        raise Locked("刚才有人改动过这一条，请看过新内容再办。")


def refuse_closing(stored: Action) -> None:
    """Raise Locked if a reviewer is reading, or has closed out, the line."""
    if why := CLOSING.get(stored.closing_state):
        raise Locked(why)


def refuse_locked_fields(stored: models.Model, row: models.Model, changed: set[str]) -> None:
    """Raise Locked if the change touches what may not be touched, or moves the row where nothing may be added."""
    if isinstance(stored, Metric | Unit | Pillar):
        _refuse_frozen(stored, changed)
    if why := why_kept(stored, changed, hold=True):
        raise Locked(why)
    if isinstance(stored, Reviewed) and stored.previous_id and not stored.is_current:
        _refuse_other_thing(stored, row, changed)
    if why := why_closed(row, hold=True):
        raise Locked(why)


def _refuse_other_thing(stored: Reviewed, row: models.Model, changed: set[str]) -> None:
    """A correction is about the same thing, and not about what goes on beside it."""
    moved = isinstance(stored, Action) and isinstance(row, Action) and _place(stored) != _place(row)
    if moved or changed & _SERIES:
        raise Locked("更正只改内容，不能换到别的单位、指标、期间、创建活动、举措或台账类型上。")
    if beside := changed & stored.OPEN_AFTER_APPROVAL:
        raise Locked(f"{named(stored, beside)}请在现行的一版上更新，更正通过时自动带过来。")


def _place(action: Action) -> tuple[int, int]:
    return action.pillar.organ_id, action.pillar.campaign_id


def _refuse_frozen(stored: Metric | Unit | Pillar, changed: set[str]) -> None:
    """What people already read figures and actions by is not changed under them."""
    used, kind = "举措、数值或荣誉" if isinstance(stored, Pillar) else "数值或目标", stored._meta.verbose_name
    if frozen := changed & stored.frozen:
        raise Locked(
            {
                n: f"已有{used}，{named(stored, {n})}不能再改；意思变了请另建一个{kind}。"
                for n in sorted(frozen)
            }
        )


def named(row: models.Model, names: Collection[str]) -> str:
    """What fields of the row are called."""
    return "、".join(str(f.verbose_name) for f in row._meta.fields if f.name in names)
