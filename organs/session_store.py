"""Where sessions are stored: in the database, as Django does it, asked for by a query that is built once."""

from datetime import UTC, datetime
from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone

from organs.asking import Question


class SessionStore(db.SessionStore):
    """A session in the database.

    `stored` is what was read of it, which nobody asks for again; who has read it already hands it over there.
    """

    stored: str | None = None

    _stored: Question = Question(
        lambda key, now: db.SessionStore.get_model_class().objects.filter(
            session_key=key, expire_date__gt=now
        ),
        "key",
        datetime.min.replace(tzinfo=UTC),
    )

    def load(self) -> dict[str, Any]:
        """What the session holds; nothing if there is none."""
        if self.stored is None and (row := self._get_session_from_db()):
            self.stored = row.session_data
        return self.decode(self.stored) if self.stored else {}

    def _get_session_from_db(self) -> Any:
        for row in self._stored.rows(self.session_key, timezone.now()):
            return row
        self._session_key = None
        return None
