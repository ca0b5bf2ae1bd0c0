"""The door for many new rows at once, as sheets and articles bring them: a few statements, the same rules."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DataError, IntegrityError

from measures.ledger import Links, described, organ_of
from measures.locks import ClosedCampaigns, Locked
from measures.models import Action, Activity, Metric, Pillar, Reviewed
from measures.storing import all_or_nothing, check, refused
from organs.audit import AT_ONCE, record_many
from organs.models import AuditVerb, User
from organs.permissions import Right, scope

#: What comes in many: reviewed rows, and an organ's own headings and metrics.
Many = Reviewed | Pillar | Metric


@all_or_nothing
def create_many(rows: Sequence[tuple[Many, Links]], *, by: User, note: str = "") -> None:
    """As `create`, for many new rows of one model with their links: a few statements for a thousand rows.

    Raises PermissionDenied, Locked or ValidationError (which name the first row that is refused) and stores nothing.
    """
    if not rows:
        return
    model: Any = type(rows[0][0])
    _hold_actions(rows)
    for row, _ in rows:
        if isinstance(row, Action | Activity):
            row.organ = row.pillar.organ if isinstance(row, Action) else row.action.organ
    organs = {organ for row, _ in rows if (organ := organ_of(row))}
    entered, closed = scope(by, Right.ENTER), ClosedCampaigns(organs)
    for row, _ in rows:
        if (organ := organ_of(row)) is None or organ.path not in entered:
            raise PermissionDenied
        if why := closed.why(row):
            raise Locked(f"“{row}”：{why}")
        if isinstance(row, Reviewed):
            row.created_by, row.hands = by, [by.pk]
        check(row)
    try:
        model._default_manager.bulk_create([row for row, _ in rows], batch_size=AT_ONCE)
    except (IntegrityError, DataError) as error:
        raise refused(error, model) from error
    for field in model._meta.many_to_many:
        through, end = getattr(model, field.name).through, field.m2m_field_name()
        ties = [
            through(**{f"{end}_id": row.pk, f"{field.m2m_reverse_field_name()}_id": tied.pk})
            for row, links in rows
            for tied in links.get(field.name, ())
        ]
        through._default_manager.bulk_create(ties, batch_size=AT_ONCE)
    told = [(row, "", described(row, links)) for row, links in rows]
    record_many(AuditVerb.CREATE, told, by=by, organ_of=organ_of, note=note)


def _hold_actions(rows: Sequence[tuple[Many, Links]]) -> None:
    """As `_hold_action` and `_current` for many rows: the lines that they name stand, and stand until the end."""
    named: dict[int, str] = {}
    for row, links in rows:
        if isinstance(row, Activity):
            named[row.action_id] = "action"
        for name, tied in links.items():
            named |= {action.pk: name for action in tied if isinstance(action, Action)}
    standing = Action.objects.heads().filter(pk__in=named).select_for_update(of=("self",), no_key=True)
    if lost := named.keys() - {action.pk for action in standing.order_by("pk")} if named else ():
        raise ValidationError({named[min(lost)]: "所选的举措里有的已更正、已撤销，请选现行的一条。"})
