"""For the programs behind the pictures: Python loads this first, and for Django it is 9 o'clock on one Friday.

The clock is a thousand times too slow, so that no two things happen at the same moment and all within one second.
"""

import os
import time
from datetime import UTC, datetime, timedelta, tzinfo

from django.template import defaulttags
from django.utils import timezone

NINE = datetime(2026, 11, 20, 1, tzinfo=UTC)
BEGAN = int(os.environ["PICTURES_BEGAN"])  # nanoseconds since 1970


class Slow(datetime):
    """The hour that the tag `now` asks for."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        """A little later with every call."""
        return (NINE + timedelta(microseconds=(time.time_ns() - BEGAN) // 1_000_000)).astimezone(tz)


defaulttags.datetime = Slow
timezone.now = lambda: Slow.now(UTC)
