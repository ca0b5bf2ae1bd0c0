"""Lists that are too long for a request: ordered on a page, written by a command, fetched from a page.

They are no rows of the ledger; that a list was written, and that it was fetched, leaves an event.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from measures.models import ListOrder
from measures.resources.kind import Kind
from measures.resources.kinds import KINDS
from measures.resources.out import list_file
from organs.models import User
from organs.permissions import Right, scope

#: How long a list is kept.
DAYS = 7


def order(kind: Kind, rows: QuerySet, *, by: User) -> ListOrder:
    """Order a list as it is filtered now; the same once more while the first is not written is the first."""
    keys = [*rows.values_list("pk", flat=True)]
    same = ListOrder.objects.visible_to(by).filter(kind=kind.name, rows=keys, ready_at=None).first()
    return same or ListOrder.objects.create(by=by, kind=kind.name, rows=keys)


def write_next() -> ListOrder | None:
    """Write the list that has waited longest, of what its orderer may see now; None if none waits."""
    with transaction.atomic():
        waiting = ListOrder.objects.select_for_update(skip_locked=True, of=("self",)).select_related("by")
        if (found := waiting.filter(ready_at=None).order_by("at", "pk").first()) is None:
            return None
        kind, seen = KINDS[found.kind], scope(found.by, Right.VIEW_DRAFTS)
        rows = kind.model._default_manager.filter(seen.q("organ__path"), pk__in=found.rows).order_by("pk")
        found.content, found.ready_at = list_file(kind, rows, by=found.by), timezone.now()
        found.save(update_fields=["content", "ready_at"])
        return found


def forget() -> int:
    """Delete lists that were ordered long ago; how many."""
    return ListOrder.objects.filter(at__lt=timezone.now() - timedelta(days=DAYS)).delete()[0]
