"""Stores what was chosen of an article as drafts, together with the article: in one transaction, all or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from measures import ledger
from measures.articles.choosing import Chosen
from measures.articles.relating import layers
from measures.batches import remember
from measures.many import create_many
from measures.models import Article, Batch, Excerpted, Metric, digest
from organs.models import Organ, User


@dataclass(frozen=True)
class Kept:
    """What was stored: the article, the rows, and what undoes them."""

    article: Article
    rows: Sequence[Any]
    batch: Batch | None


def alone(organ: Organ) -> None:
    """Until the caller's transaction ends nobody else stores an article of the organ: two at once make no doubles."""
    Organ.objects.select_for_update(no_key=True).get(pk=organ.pk)


@transaction.atomic
def keep(chosen: Chosen, organ: Organ, title: str, text: str, *, given: str, by: User) -> Kept:
    """The article, unless it was kept before, and the rows as drafts; PermissionDenied, Locked or ValidationError.

    `text` is what was read, `given` what was pasted, lines broken where its page was: by that it is known again.
    """
    found = Article.objects.filter(organ=organ, sha256=digest(given)).first()
    article = found or Article(organ=organ, title=title, full_text=text, sha256=digest(given), by=by)
    if found is None:
        ledger.create(article, by=by)
    note = f"摘自“{article.title}”"
    create_many([(row, {}) for row in chosen.pillars], by=by, note=note)
    metrics: list[Metric] = []
    for layer in layers(chosen.metrics):
        for metric in layer:
            metric.pair, metric.part_of = metric.pair, metric.part_of  # by now they have keys
        create_many([(metric, {}) for metric in layer], by=by, note=note)
        metrics += layer
    for action in chosen.actions:
        action.pillar = action.pillar
    for target in chosen.targets:
        target.metric = target.metric
    for figure in chosen.observations:
        figure.metric, figure.pillar = figure.metric, figure.pillar
    told: list[Excerpted] = [*chosen.actions, *chosen.observations, *chosen.targets, *chosen.honours]
    for row in told:
        row.article = article
    create_many([(row, {}) for row in chosen.actions], by=by, note=note)
    ties = chosen.under
    tied = [(row, {"actions": [ties[id(row)]]} if id(row) in ties else {}) for row in chosen.observations]
    create_many(tied, by=by, note=note)
    create_many([(row, {}) for row in chosen.targets], by=by, note=note)
    create_many([(row, {}) for row in chosen.honours], by=by, note=note)
    rows: list[Any] = [*chosen.pillars, *metrics, *chosen.actions]
    rows += [*chosen.observations, *chosen.targets, *chosen.honours]
    batch = remember([(row, ["create"]) for row in rows], f"{note}存了{chosen.count}条草稿", by=by)
    return Kept(article, rows, batch)
