"""The rules that `make mutants` breaks stand in the code as its plan says."""

import tomllib
from typing import Any

import pytest

from tests.mutants import ROOT

PLAN = tomllib.loads((ROOT / "tests" / "mutants.toml").read_text())


@pytest.mark.parametrize("rule", PLAN["rule"], ids=lambda rule: f"{rule['number']} {rule['what']}")
def test_a_rule_to_be_broken_stands_where_the_plan_says(rule: dict[str, Any]) -> None:
    code = (ROOT / "measures" / f"{rule['module']}.py").read_text()
    assert code.count(rule["old"]) == 1
    assert rule["tests"] in PLAN["tests"]
