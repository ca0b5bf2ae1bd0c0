"""Breaks the counting rules of mutants.toml in a copy of the code, one at a time, and shows whether a test notices.

`make mutants` runs it on a throw-away PostgreSQL; it ends with exit code 1 if a broken rule goes unnoticed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTEST = (sys.executable, "-m", "pytest", "-x", "-q", "--no-cov", "--reuse-db", "-p", "no:cacheprovider")


def noticed(copy: Path, tests: list[str]) -> bool:
    """Whether the tests fail on the copy."""
    files = [f"tests/measures/{name}.py" for name in tests]
    done = subprocess.run([*PYTEST, *files], cwd=copy, env=os.environ, capture_output=True, check=False)
    return done.returncode == 1


def main() -> int:
    """Break each rule; returns the exit code."""
    plan = tomllib.loads((ROOT / "tests" / "mutants.toml").read_text())
    unnoticed = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(
            ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", ".data", "__pycache__", ".*_cache")
        )
        for tests in plan["tests"].values():
            if noticed(copy, tests):
                print(f"{tests}: fail on sound code")
                return 1
        for rule in plan["rule"]:
            path = copy / "measures" / f"{rule['module']}.py"
            sound = path.read_text()
            path.write_text(sound.replace(rule["old"], rule["new"], 1))
            known = rule["old"] in sound
            found = known and noticed(copy, plan["tests"][rule["tests"]])
            path.write_text(sound)
            unnoticed += not found
            verdict = "noticed" if found else "NOT NOTICED" if known else "NO LONGER WHERE IT WAS"
            print(f"{rule['number']:2} {rule['what']}: {verdict}", flush=True)
    print(f"{len(plan['rule'])} rules broken, {unnoticed} unnoticed")
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main())
