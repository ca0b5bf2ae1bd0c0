"""Changes of the data between two requests: one correction of a figure after the other is approved, through the door."""

from collections import defaultdict, deque
from collections.abc import Sequence
from copy import copy
from itertools import count

from django.db import transaction
from django.utils import timezone

from measures.models import Nature, Observation, ReviewState
from measures.quantity import Quantity
from measures.workflow import Step, advance
from tests.bench.county import Bureau, County

#: How many corrections of a bureau are laid down at a time, past the door; their approval is the change.
WAITING = 20


class Changes:
    """Approves waiting corrections; each makes an exact figure of an open campaign one more than it was."""

    def __init__(self, county: County) -> None:
        self.first_day = county.campaigns[-2].first_day  # in January this year has no figures yet
        self._turns = count()
        self._waiting: dict[int, deque[Observation]] = defaultdict(deque)
        for bureau in county.bureaus:
            self._lay_down(bureau)

    def make(self, bureaus: Sequence[Bureau]) -> None:
        """Approve the next one of that bureau whose turn it is."""
        bureau = bureaus[next(self._turns) % len(bureaus)]
        if not self._waiting[bureau.organ.pk]:
            self._lay_down(bureau)
        advance(self._waiting[bureau.organ.pk].popleft(), Step.APPROVE, by=bureau.reviewer)

    @transaction.atomic
    def _lay_down(self, bureau: Bureau) -> None:
        """Submitted corrections of those of the bureau's figures that were least often corrected, the newest first, with
        their actions."""
        known = Observation.objects.current().filter(
            organ=bureau.organ,
            metric__nature=Nature.FLOW,
            quantity_qualifier="exact",
            period_days__startswith__gte=self.first_day,
        )
        rows = known.select_related("metric__unit__base").order_by("version", "-period_days", "pk")[:WAITING]
        drafts = {row.pk: _correction(row, bureau) for row in rows}
        Observation.objects.bulk_create(drafts.values())
        links = Observation.actions.through
        tied = links.objects.filter(observation__in=drafts).values_list("observation_id", "action_id")
        links.objects.bulk_create(links(observation=drafts[row], action_id=action) for row, action in tied)
        self._waiting[bureau.organ.pk].extend(drafts.values())


def _correction(row: Observation, bureau: Bureau) -> Observation:
    draft, unit = copy(row), row.metric.unit.spec
    draft.pk, draft._state.adding = None, True
    draft.previous, draft.version, draft.reason = row, row.version + 1, "核对后补报一次"
    draft.state, draft.hands = ReviewState.SUBMITTED.value, [bureau.clerk.pk]
    draft.approved_by = draft.approved_at = None
    draft.changed_at = timezone.now()
    draft.presence = "value"
    draft.quantity = Quantity.exact(row.quantity.amount + unit.scale, unit.stored_as)
    return draft
