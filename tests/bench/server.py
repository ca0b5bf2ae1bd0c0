"""The product behind gunicorn, as in an installation: two sync workers."""

import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from config.localdb import running
from tests.bench.visitor import HOST, BenchError

GUNICORN = (
    *("-m", "gunicorn", "tests.bench.wsgi", "--workers=2", "--worker-class=sync", "--timeout=120"),
    *("--log-level=warning", "--no-control-socket"),
)


@contextmanager
def server() -> Iterator[int]:
    """Serve while the block lasts and yield the port; raises BenchError if it does not come up."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    with running((sys.executable, *GUNICORN, f"--bind={HOST}:{port}")) as child:
        for _ in range(300):
            if child.poll() is not None:
                raise BenchError("the server does not start")
            with socket.socket() as probe:
                ready = probe.connect_ex((HOST, port)) == 0
            if ready:  # the probe is closed: an open connection would keep a worker waiting
                break
            time.sleep(0.1)
        else:
            raise BenchError("the server does not start")
        yield port
