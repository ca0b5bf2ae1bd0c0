"""What reviewers said when they sent figures back, for those who enter them again."""

from collections.abc import Iterable

from django.contrib.contenttypes.models import ContentType

from measures.models import Observation, ReviewState, ReviewStep


def words_of(figures: Iterable[Observation | None]) -> dict[int, str]:
    """By the keys of the figures that came back the last words of a reviewer; one query if any did."""
    back = [row.pk for row in figures if row is not None and row.state == ReviewState.RETURNED]
    if not back:
        return {}
    kind = ContentType.objects.get_for_model(Observation)
    steps = ReviewStep.objects.filter(target_type=kind, target_id__in=back, after=ReviewState.RETURNED)
    return {
        step.target_id: f"{step.by}：{step.note}" for step in steps.select_related("by").order_by("at", "pk")
    }
