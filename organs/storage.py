"""Files that follow the transaction in which they were written, and pages kept as files."""

import pickle
import secrets
import weakref
import zlib
from collections.abc import Callable
from typing import IO, Any

from django.core.cache.backends.filebased import FileBasedCache
from django.core.files.storage import FileSystemStorage
from django.db import transaction

#: One page in so many looks whether there are too many by now.
SELDOM = 30


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


class PageCache(FileBasedCache):
    """Pages in files; packed lightly, since they are written more often than the disk is full."""

    def _write_content(self, file: IO[bytes], timeout: float | None, value: object) -> None:
        file.write(pickle.dumps(self.get_backend_timeout(timeout), self.pickle_protocol))
        file.write(zlib.compress(pickle.dumps(value, self.pickle_protocol), 1))

    def _cull(self) -> None:
        if secrets.randbelow(SELDOM) == 0:  # counting the files takes longer than writing one
            super()._cull()  # type: ignore[misc]  # not in the stubs
