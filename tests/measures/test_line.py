"""The review line as data: what a line may not say is refused when it is loaded."""

from dataclasses import replace
from typing import Any

import pytest

from measures.models import ReviewState
from measures.workflow import LINE, Move, Step, check
from organs.permissions import Right


def with_move(step: Step, **changes: Any) -> tuple[Move, ...]:
    """The line with one move declared otherwise."""
    return tuple(replace(move, **changes) if move.step == step else move for move in LINE)


WRONG = {
    "a step is missing": (LINE[:-1], "exactly once"),
    "a step is double": ((*LINE, LINE[0]), "exactly once"),
    "leads nowhere": (with_move(Step.RETURN_CLOSING, before=frozenset({"returned"})), "leads nowhere"),
    "two eyes": (with_move(Step.APPROVE, four_eyes=False), "second person"),
    "approves without right": (with_move(Step.APPROVE, right=Right.SUBMIT), "second person"),
    "closes with two eyes": (with_move(Step.APPROVE_CLOSING, four_eyes=False), "second person"),
    "returns without a word": (with_move(Step.RETURN, asks=""), "without a word"),
    "retracts without a word": (with_move(Step.RETRACT, asks=""), "without a word"),
    "a state out of reach": (with_move(Step.RETURN, after=ReviewState.DRAFT, asks=""), "leads to returned"),
    "what was returned is stuck": (with_move(Step.SUBMIT, before=frozenset({"draft"})), "dead ends"),
    "what was returned cannot be closed": (with_move(Step.CLOSE, before=frozenset({""})), "dead ends"),
    "retracted is not the end": (
        with_move(Step.RETURN, before=frozenset({"submitted", "retracted"})),
        "dead ends",
    ),
}


def test_the_line_is_whole() -> None:
    assert set(check(LINE)) == set(Step)


@pytest.mark.parametrize(("line", "why"), WRONG.values(), ids=WRONG)
def test_a_wrong_line_is_refused_when_it_is_loaded(line: tuple[Move, ...], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        check(line)


def test_every_step_is_called_as_the_audit_trail_calls_it() -> None:
    assert {move.label for move in LINE} >= {"报审", "审核通过", "退回", "撤回", "撤销", "撤回销号申请"}
    assert {move.step for move in LINE if move.asks} == {
        *(Step.RETURN, Step.RETURN_CLOSING, Step.RETRACT, Step.REOPEN)
    }
