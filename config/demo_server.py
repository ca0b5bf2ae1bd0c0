"""How the demonstration is served: gunicorn's settings."""

import os

preload_app = True
workers = 2
#: One thread each, but no sync worker: browsers open connections before they need them, and a sync worker would wait for
#: what comes over such a connection (a server in front does that for others).
worker_class = "gthread"
threads = 1
loglevel = "warning"
control_socket_disable = True
graceful_timeout = 1


def worker_exit(server: object, worker: object) -> None:
    """End a worker that has stopped: Python would wait for threads that wait for a browser, until gunicorn kills it."""
    os._exit(0)
