"""Somebody who is signed in and asks the server for pages, and how long each answer takes."""

import gzip
import re
import socket
from dataclasses import dataclass
from http.client import parse_headers
from io import BytesIO
from time import perf_counter, sleep
from urllib.parse import urljoin

from django.conf import settings
from django.test import Client
from django.utils.crypto import get_random_string

from organs.models import User
from tests.bench.middleware import KEPT, QUERIES

HOST = "127.0.0.1"
BACKEND = "organs.signin.AccountBackend"
#: What a page makes a browser fetch: of the page itself, and of its style sheets.
LINKED = re.compile(r'(?:src|href)="([^"]+\.(?:css|js|svg|png|ico|woff2?)[^"]*)"|url\(["\']?([^"\')]+)')


LENGTH = re.compile(rb"\r\nContent-Length: *(\d+)", re.IGNORECASE)


class BenchError(Exception):
    """The bench cannot go on: a page did not answer as it should."""


@dataclass(frozen=True)
class Answer:
    """What came back, and after how many milliseconds."""

    status: int
    milliseconds: float
    body: bytes
    queries: int
    etag: str
    kept: bool

    @property
    def compressed(self) -> int:
        """Its bytes as the server in front sends them."""
        return len(gzip.compress(self.body, 6))


def _received(connection: socket.socket) -> tuple[bytes, bytes]:
    """The head of an answer and its body; raises OSError for one that breaks off."""
    found = bytearray()
    while (end := found.find(b"\r\n\r\n")) < 0 or len(found) < end + 4 + _length(found[:end]):
        if not (more := connection.recv(1 << 16)):
            raise ConnectionError("the answer breaks off")
        found += more
    return bytes(found[: end + 4]), bytes(found[end + 4 :])


def _length(head: bytes) -> int:
    """The bytes of the body that a head announces; raises OSError for one that does not say, though it may have one."""
    if found := LENGTH.search(head):
        return int(found[1])
    if head.split()[1] not in (b"204", b"304"):
        raise ConnectionError("the answer does not say how long it is")
    return 0


class Visitor:
    """A person at a browser that keeps its cookies and nothing else."""

    def __init__(self, user: User, port: int) -> None:
        client = Client()
        client.force_login(user, backend=BACKEND)
        self.port = port
        self.cookie = "; ".join(
            f"{name}={value}"
            for name, value in (
                (settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value),
                (settings.CSRF_COOKIE_NAME, get_random_string(32)),  # that of the sign-in page
            )
        )

    def ask(self, address: str, **headers: str) -> Answer:
        """A page; the connection is a new one, as gunicorn's sync workers want it. Raises BenchError if none comes.

        What counts is the time until the last byte is there; reading the headers is no work of the server.
        """
        own = {"Host": f"{HOST}:{self.port}", "Accept-Encoding": "identity", "Cookie": self.cookie}
        lines = (f"{name}: {value}" for name, value in (own | headers).items())
        request = "\r\n".join((f"GET {address} HTTP/1.1", *lines, "", "")).encode()
        begun = perf_counter()
        try:
            with socket.create_connection((HOST, self.port), timeout=120) as connection:
                connection.sendall(request)
                head, body = _received(connection)
        except OSError as error:
            raise BenchError(f"{address}: {error}") from error
        passed = (perf_counter() - begun) * 1000
        first, _, rest = head.partition(b"\r\n")
        found = parse_headers(BytesIO(rest))
        return Answer(
            status=int(first.split()[1]),
            milliseconds=passed,
            body=body,
            queries=int(found.get(QUERIES, "0")),
            etag=found.get("ETag", ""),
            kept=KEPT in found,
        )

    def page(self, address: str) -> Answer:
        """A page as asked for the first time; raises BenchError if it is not there."""
        answer = self.ask(address)
        if answer.status != 200:
            raise BenchError(f"{address}: {answer.status}")
        return answer

    def kept_page(self, address: str) -> Answer:
        """The page drawn from kept rows, by whichever worker has them."""
        for _ in range(50):
            answer = self.ask(address, **{KEPT: "1"})
            if answer.kept:
                return answer
            # whoever takes this connection waits, and the other one answers
            with socket.create_connection((HOST, self.port)):
                sleep(0.01)
                answer = self.ask(address, **{KEPT: "1"})
            if answer.kept:
                return answer
        raise BenchError(f"{address}: nothing kept")

    def again(self, address: str, before: Answer) -> Answer:
        """The page asked for again, by a browser that has it still."""
        answer = self.ask(address, **({"If-None-Match": before.etag} if before.etag else {}))
        if answer.status not in (200, 304):
            raise BenchError(f"{address}: {answer.status}")
        return answer

    def first_visit(self, address: str) -> int:
        """Bytes of a page and of all files that it brings along."""
        page = self.page(address)
        total, known = page.compressed, set()
        ahead = [(address, page.body)]
        while ahead:
            base, body = ahead.pop()
            for found in LINKED.findall(body.decode()):
                file = urljoin(base, found[0] or found[1]).partition("#")[0]
                if file in known or not file.startswith("/"):
                    continue
                known.add(file)
                answer = self.ask(file, **{"Accept-Encoding": "gzip"})
                total += len(answer.body)
                if file.endswith(".css"):
                    ahead.append((file, gzip.decompress(answer.body)))
        return total
