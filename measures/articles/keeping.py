"""Stores what was chosen of an article as drafts, together with the article: in one transaction, all or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from measures import ledger
from measures.articles.choosing import Chosen
from measures.batches import remember
from measures.many import create_many
from measures.models import Article, Batch, digest
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
def keep(chosen: Chosen, organ: Organ, title: str, text: str, *, by: User) -> Kept:
    """The article, unless it was kept before, and the rows as drafts; PermissionDenied, Locked or ValidationError."""
    found = Article.objects.filter(organ=organ, sha256=digest(text)).first()
    article = found or Article(organ=organ, title=title, full_text=text, sha256=digest(text), by=by)
    if found is None:
        ledger.create(article, by=by)
    note = f"摘自“{article.title}”"
    create_many([(row, {}) for row in chosen.pillars], by=by, note=note)
    create_many([(row, {}) for row in chosen.metrics], by=by, note=note)
    for row in chosen.actions:
        row.pillar = row.pillar  # by now it has a key
    for row in (*chosen.observations, *chosen.targets):
        row.metric = row.metric
    for row in chosen.observations:
        row.pillar = row.pillar
    for row in (*chosen.actions, *chosen.observations, *chosen.targets, *chosen.honours):
        row.article = article
    create_many([(row, {}) for row in chosen.actions], by=by, note=note)
    ties = chosen.under
    told = [(row, {"actions": [ties[id(row)]]} if id(row) in ties else {}) for row in chosen.observations]
    create_many(told, by=by, note=note)
    create_many([(row, {}) for row in chosen.targets], by=by, note=note)
    create_many([(row, {}) for row in chosen.honours], by=by, note=note)
    rows = [*chosen.pillars, *chosen.metrics, *chosen.actions]
    rows += [*chosen.observations, *chosen.targets, *chosen.honours]
    batch = remember([(row, ["create"]) for row in rows], f"{note}存了{chosen.count}条草稿", by=by)
    return Kept(article, rows, batch)
