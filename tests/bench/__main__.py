"""`make bench`: loads the made county, serves it, asks for each page, prints the table and which bars hold.

BENCH_BUREAUS (60) and BENCH_REQUESTS (300) make a run smaller; BENCH_WRITE=1 writes the table to docs/性能.md.
"""

import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from django.core.management import call_command
from django.db import connection, connections

from tests.bench.changes import Changes
from tests.bench.county import County, Size
from tests.bench.exchange import measured as exchanged
from tests.bench.load import load
from tests.bench.measure import Cost, Party, Row, costs, warming_up
from tests.bench.pages import places
from tests.bench.reading import measured
from tests.bench.report import COUNTY, ONE, Report
from tests.bench.server import server
from tests.bench.sums import Timed, timed, view_of
from tests.bench.visitor import BenchError, Visitor

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "性能.md"
ROUNDS = 2


def sweep() -> None:
    """What a server does by itself, but for the throw-away one: take away the rows that nobody sees any more."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")


def one_round(county: County, changes: Changes, port: int, requests: int) -> Iterator[Cost]:
    """Every page, by the leader of the county and by the one of the first bureau."""
    for place in places(county):
        sweep()
        parties = []
        for who, user, sees in (
            (COUNTY, county.leader, county.bureaus),
            (ONE, county.leader_of_one, county.bureaus[:1]),
        ):
            told = sees[: place.of or None]
            if len(told) < place.of:
                continue  # one bureau is not compared with others
            parties.append(Party(who, Visitor(user, port), lambda told=told: changes.make(told)))
        for found in costs(place, parties, requests):
            say(
                f"  {place.name}（{found.who}）：{found.median:.0f} ms，甲 {found.ratio:.2f}，乙 {found.ratio_again:.2f}"
            )
            yield found


def sums(county: County, changes: Changes, times: int) -> list[Timed]:
    """The totals of all metrics against the hand-written statement: of the whole time, and of this year."""
    queries = (("创建以来", ""), ("本年", f"period={county.today.year}"))
    return [
        timed(name, view_of(county, query), lambda: changes.make(county.bureaus), times)
        for name, query in queries
    ]


def ground(county: County, loaded: float, minutes: float, requests: int) -> str:
    """On what was measured, in one paragraph."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0].split()[0]
    size = county.size
    return (
        f"数据：1个县、{size.bureaus}个局、{size.pillars}个支柱、{size.actions}项举措、{size.activities}次活动、"
        f"{size.observations}个数值、{len(county.metrics)}个指标、{len(county.campaigns)}年（装入用{loaded:.0f}秒）。"
        f"环境：{os.cpu_count()}核，Python {platform.python_version()}，PostgreSQL {version}（fsync 关闭，每页之前清理死行），"
        f"gunicorn 同步工作进程2个，每页{requests}次、前{warming_up(requests)}次不计，全程{minutes:.0f}分钟。"
    )


def say(words: str) -> None:
    """Tell whoever waits how far it has come."""
    print(words, file=sys.stderr, flush=True)


def main() -> int:
    """Run the bench and return the exit code: 1 if a bar does not hold."""
    size = Size().scaled(int(os.environ.get("BENCH_BUREAUS", "60")))
    requests = int(os.environ.get("BENCH_REQUESTS", "300"))
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    begun = perf_counter()
    county = load(size)
    loaded = perf_counter() - begun
    say(f"数据已装入，用{loaded:.0f}秒。")
    rounds: list[list[Cost]] = []
    changes = Changes(county)
    with server() as port:
        cold = Visitor(county.leader, port).page("/").milliseconds
        for number in range(1, ROUNDS + 1):
            say(f"第{number}轮")
            rounds.append(list(one_round(county, changes, port, requests)))
        visit = Visitor(county.leader, port).first_visit("/")
    rows = [Row(each) for each in zip(*rounds, strict=True)]
    timings = sums(county, changes, max(3, requests // 10))
    minutes = (perf_counter() - begun) / 60
    report = Report(
        ground(county, loaded, minutes, requests), rows, cold, visit, timings, measured(), exchanged()
    )
    print(report)
    if os.environ.get("BENCH_WRITE") == "1":
        DOCUMENT.write_text(str(report))
    connections.close_all()
    return 1 if any(broken for _, broken in report.bars()) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchError as error:
        sys.exit(str(error))
