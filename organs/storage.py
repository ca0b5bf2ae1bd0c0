"""Files that follow the transaction in which they were written."""

import weakref
from collections.abc import Callable
from typing import IO, Any

from django.core.files.storage import FileSystemStorage
from django.db import transaction


class TransactionalStorage(FileSystemStorage):
    """The file system, but a file whose transaction (or savepoint) is rolled back does not stay behind."""

    def save(self, name: str | None, content: IO[Any], max_length: int | None = None) -> str:
        """Write the file now; take it back if its transaction does not end well."""
        stored = super().save(name, content, max_length)
        _unless_committed(lambda: self.delete(stored))
        return stored


def _unless_committed(undo: Callable[[], None]) -> None:
    """Call `undo` when the transaction is rolled back.

    Django has hooks for commits only; on a roll-back it forgets those that were waiting. So the hook itself is
    watched: once nobody holds it and it has not run, there was no commit.
    """

    def keep() -> None:
        gone.detach()

    gone = weakref.finalize(keep, undo)
    transaction.on_commit(keep)
