"""A demonstration on this machine: database, tables, two bureaus, accounts, pages on 127.0.0.1."""

import os
import socket
import sys
import time
from contextlib import nullcontext

import django
from django.core.management import CommandError, call_command
from django.db import connections

from config.localdb import Stopped, local_server, running, stoppable, told
from config.programs import LocalServerError

HOST = "127.0.0.1"
GUNICORN = ("-m", "gunicorn", "config.wsgi", "--config=python:config.demo_server")


def chosen_port() -> int:
    """The port that PORT names (8000 without it), proved free; raises LocalServerError."""
    text = os.environ.get("PORT", "8000")
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise LocalServerError(f"PORT={text} 不是端口号，请用 1 到 65535 之间的整数。")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(text)))
        except OSError as error:
            raise LocalServerError(
                f"端口 {text} 不能使用（{error.strerror}），请换一个，例如：make demo PORT=8001"
            ) from None
    return int(text)


def prepare() -> None:
    """Bring the database of DATABASE_URL and the static files up to date; all in one process, to start quickly."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    try:
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("load_demo")
    except CommandError as error:
        raise LocalServerError(str(error)) from error
    connections.close_all()


def serve(port: int) -> int:
    """Serve the pages until stopped and return the server's exit code; says the address once it answers."""
    with running([sys.executable, *GUNICORN, f"--bind={HOST}:{port}"]) as server:
        while server.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex((HOST, port)) == 0:
                    print(f"请在浏览器中打开 http://{HOST}:{port}/ （按 Ctrl-C 停止）", flush=True)
                    break
            time.sleep(0.1)
        return server.wait()


def main() -> int:
    """Prepare and serve the demonstration; returns 0 when it was stopped by Ctrl-C or SIGTERM."""
    if os.environ.get("DEMO") != "1":
        raise LocalServerError("这是演示程序：请用 make demo，或设 DEMO=1。正式运行的办法见 README.md。")
    port = chosen_port()
    given = os.environ.get("DATABASE_URL")
    print("正在启动数据库……", flush=True)
    try:
        with stoppable(), nullcontext(given) if given else local_server() as url:
            os.environ["DATABASE_URL"] = url
            prepare()
            return serve(port)
    except Stopped:
        print("演示已停止，数据已保存。")
        return 0


if __name__ == "__main__":
    sys.exit(told(main))
