"""Room for nested calls: however deep a loop stands, its calls ask the system for no memory."""

from resource import RUSAGE_SELF, getrusage

from config.room import roomy

TURNS = 1000


def nothing() -> None:
    """What the loop calls."""


def asked(depth: int) -> int:
    """How many pieces of memory the system gave while a loop ran that many calls deep."""
    if depth:
        return asked(depth - 1)
    before = getrusage(RUSAGE_SELF).ru_minflt
    for _ in range(TURNS):
        nothing()
    return getrusage(RUSAGE_SELF).ru_minflt - before


@roomy
def most_asked() -> int:
    """The most of all depths that pages have; an edge asks every time, a machine short of memory once in a while."""
    return max(min(asked(depth), asked(depth), asked(depth)) for depth in range(300))


def test_no_loop_stands_at_an_edge() -> None:
    assert most_asked() < TURNS / 10


def test_what_is_given_and_what_comes_back_are_the_same() -> None:
    start = 40

    @roomy
    def add(number: int, *, more: int) -> int:
        return start + number + more

    assert add(1, more=1) == 42
