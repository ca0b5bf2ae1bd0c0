"""How the demonstration is served, and how it stops."""

import signal
import socket
import subprocess
import sys
import time

from gunicorn.config import Config

from config import demo_server


def test_gunicorn_knows_every_setting() -> None:
    said = {name for name in vars(demo_server) if not name.startswith("_")} - {"os"}
    assert said <= Config().settings.keys()


def test_it_stops_at_once_while_a_browser_has_connections_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        command = [
            *(sys.executable, "-m", "gunicorn", "wsgiref.simple_server:demo_app"),
            *("--config=python:config.demo_server", f"--bind=fd://{listening.fileno()}"),
        ]
        server = subprocess.Popen(
            command, pass_fds=[listening.fileno()], stderr=subprocess.PIPE, start_new_session=True
        )
        with socket.create_connection(listening.getsockname()) as asking:
            asking.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert asking.recv(100)  # a worker is there
        idle = [socket.create_connection(listening.getsockname()) for _ in range(4)]
        time.sleep(0.5)  # the workers wait for what the browser will say
        began = time.monotonic()
        server.send_signal(signal.SIGINT)
        _, told = server.communicate(timeout=20)
        for connection in idle:
            connection.close()
    assert "SIGKILL" not in told.decode()
    assert time.monotonic() - began < demo_server.graceful_timeout
