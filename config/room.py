"""Room for nested calls, so that Python does not ask the system for memory again and again."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

Given = ParamSpec("Given")
Back = TypeVar("Back")
#: So many values of nested calls find room in one piece of memory, 0.8 MB.
ROOM = 100_000


def roomy(call: Callable[Given, Back]) -> Callable[Given, Back]:
    """The same function, with room for all that is called inside it.

    Python keeps the values of nested calls in pieces of 16 KB, and gives a piece back as soon as it is empty. Where a loop
    deep in a page happens to call across the edge of a piece, each turn asks the system for memory: such a page takes up
    to twice as long. A function that claims to need more is given one large piece, and what it calls stays inside.
    """
    function: Any = call
    function.__code__ = function.__code__.replace(co_stacksize=ROOM)
    return call
