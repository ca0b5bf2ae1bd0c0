"""The chains of the audit trail: one for each organ, and chain 0 for what belongs to none.

An event and its link are stored at once, without any lock. The link gets its number and hash from a trigger of the
database (migration 0004) when the transaction commits, after all its other deferred checks: the chains that it
writes are locked one by one in ascending order, as the very last locks of the transaction. So writers of different
organs never wait for each other, those of one organ only while the other commits, and nobody can wait in a circle.
"""

import json
from collections.abc import Iterable
from datetime import UTC
from hashlib import sha256

from django.db import models

from organs.models import AuditEvent, AuditLink


def digest(event: models.Model) -> str:
    """SHA-256 over all fields of an event, as JSON with sorted names and its time in UTC.

    Empty fields are left out, so that a column added later leaves the digests of old events as they are.
    """
    values = {field.attname: getattr(event, field.attname) for field in event._meta.concrete_fields}
    said = {name: value for name, value in values.items() if value not in (None, "")}
    said["at"] = said["at"].astimezone(UTC).isoformat(timespec="microseconds")
    return _hashed(json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


def joined(previous: str, chain: int, number: int, digest: str) -> str:
    """The hash of a link after the one whose hash is `previous` ("" for the first); the trigger computes the same."""
    return _hashed(f"{previous}|{chain}|{number}|{digest}")


def link_many(events: Iterable[AuditEvent]) -> None:
    """Give new events their links, which join their chains when the caller's transaction commits."""
    links = (AuditLink(event=event, chain=chain_of(event), digest=digest(event)) for event in events)
    AuditLink.objects.bulk_create(links, batch_size=1000)


def chain_of(event: AuditEvent) -> int:
    """The chain that an event belongs to."""
    return event.organ_id or 0


def _hashed(text: str) -> str:
    return sha256(text.encode()).hexdigest()
