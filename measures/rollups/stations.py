"""The way of a row (经过), read from the audit trail as far as the reader may see."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.utils.timezone import localtime

from measures.models import Reviewed
from measures.rollups.changes import labels
from organs.asking import fetched
from organs.audit import differences
from organs.models import AuditVerb

#: All that those who read approved versions only are told: neither drafts nor what was said while they were made.
OUTLINE = frozenset(
    {
        AuditVerb.CREATE,
        AuditVerb.CORRECT,
        AuditVerb.SUBMIT,
        AuditVerb.APPROVE,
        AuditVerb.APPROVE_CLOSING,
        AuditVerb.RETRACT,
    }
)
#: Steps whose words are the reason why a figure changed, told to all.
REASONED = frozenset({AuditVerb.CORRECT, AuditVerb.RETRACT})
#: The trail of the rows, behind what the rows themselves and their review steps tell of it.
_ASKED = """
SELECT 0 AS part, r.id AS place, r.id, CASE WHEN r.version = 1 THEN 'create' ELSE 'correct' END,
    r.created_at, coalesce(nullif(u.name, ''), u.username), u.post, r.reason, '', ''
    FROM {table} r JOIN organs_user u ON u.id = r.created_by_id WHERE r.id = ANY(%(rows)s)
UNION ALL SELECT 0, s.id, s.target_id, s.step, s.at, coalesce(nullif(u.name, ''), u.username), u.post, s.note, '', ''
    FROM measures_reviewstep s JOIN organs_user u ON u.id = s.by_id
    WHERE s.target_id = ANY(%(rows)s) AND s.target_type_id = (
        SELECT id FROM django_content_type WHERE app_label || '.' || model = %(kind)s)
UNION ALL SELECT 1, e.id, e.target_id, e.verb, e.at, e.user_name, coalesce(u.post, ''), e.note, e.before, e.after
    FROM organs_auditevent e LEFT JOIN organs_user u ON u.id = e.user_id
    WHERE e.target_type = %(kind)s AND e.target_id = ANY(%(rows)s) AND e.verb <> 'download'
"""
_LABELS = {AuditVerb.CREATE: "录入"}
_BACK = frozenset({AuditVerb.RETURN, AuditVerb.RETURN_CLOSING})


@dataclass(frozen=True)
class Station:
    """One thing that happened to a row."""

    title: str
    when: str
    who: str
    post: str = ""
    words: str = ""
    state: str = "done"


class _Event(NamedTuple):
    """One thing that happened, of the trail (part 1) or of the rows (0); `place` is its order there."""

    part: int
    place: int
    target_id: int
    verb: str
    at: datetime
    user_name: str
    post: str
    note: str
    before: str
    after: str


def stations(rows: Sequence[Reviewed], *, staff: bool) -> tuple[Station, ...]:
    """What happened to the versions of a row, oldest first, from one query; all of it only for `staff`."""
    if not rows:
        return ()
    version = {row.pk: f"第{row.version}版" if len(rows) > 1 else "" for row in rows}
    kind = rows[0]._meta
    asked = {"rows": [*version], "kind": kind.label_lower}
    events = _merged(_Event(*row) for row in fetched(_ASKED.format(table=kind.db_table), asked))
    if not staff:
        last = {(event.target_id, event.verb): event for event in events if event.verb in OUTLINE}
        events = [event for event in events if last.get((event.target_id, event.verb)) is event]
    return tuple(_station(event, version[event.target_id], rows[0], staff) for event in events)


def _merged(found: Iterable[_Event]) -> list[_Event]:
    """The trail; before it what only the rows tell: of those brought from another system the trail stayed there."""
    events = sorted(found, key=lambda event: (event.part, event.place if event.part else event.at))
    told = Counter((event.target_id, event.verb) for event in events if event.part)
    merged = []
    for event in reversed(events):
        if not event.part and told[event.target_id, event.verb]:
            told[event.target_id, event.verb] -= 1  # the newest of them are in the trail
        else:
            merged.append(event)
    return merged[::-1]


def _station(event: _Event, version: str, row: Reviewed, staff: bool) -> Station:
    label = _LABELS.get(AuditVerb(event.verb)) or AuditVerb(event.verb).label
    if version:
        label = f"更正为{version}" if event.verb == AuditVerb.CORRECT else f"{label}（{version}）"
    words = event.note if staff or event.verb in REASONED else ""
    if event.verb == AuditVerb.CHANGE and (changed := _changed(event, row)):
        words = f"改了{changed}" + (f"；{words}" if words else "")
    return Station(
        title=label,
        when=f"{localtime(event.at):%Y-%m-%d %H:%M}",
        who=event.user_name,
        post=event.post,
        words=words,
        state="returned" if event.verb in _BACK else "done",
    )


def _changed(event: _Event, row: Reviewed) -> str:
    """The names of the fields that the event tells of differently."""
    changed = [said.label for said in differences(event.before, event.after) if said.changed]
    names = [name for name in labels(type(row)) if any(label.startswith(name) for label in changed)]
    return "、".join(names)
