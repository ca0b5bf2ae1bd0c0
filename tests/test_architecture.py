"""The picture of the layers held against the code, and the rules of the house that a reader could forget."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
APPS = ("organs", "measures")

#: From the bottom up: a module imports only what stands before it; inside a package nothing goes in circles.
PURE = (
    "organs.typed",
    "measures.numerals",
    "measures.wording",
    "measures.quantity",
    "measures.period",
    "measures.progress",
    "measures.totals",
    "measures.figures",
    "measures.datum",
    "measures.labels",
    "measures.charts",
    "measures.pieces",
    "measures.searching",
    "measures.matching",
    "measures.awards",
    "organs.sheets",
    "organs.pinyin",
    "measures.outline",
    "measures.packages",
    "measures.old_sheets",
    "measures.workbooks",
    "measures.documents",
    "measures.tables",
)
ORDER = (
    *PURE,
    "organs.scope",
    "organs.storage",
    "organs.asking",
    "organs.models",
    "organs.session_store",
    "organs.permissions",
    "organs.passwords",
    "organs.sessions",
    "organs.middleware",
    "organs.chain",
    "organs.audit",
    "organs.seals",
    "organs.verification",
    "organs.trail",
    "organs.door",
    "organs.signin",
    "organs.accounts",
    "organs.signals",
    "organs.forms",
    "organs.widgets",
    "organs.unseen",
    "organs.admin_site",
    "organs.scoped",
    "organs.guarded",
    "organs.exports",
    "organs.account_forms",
    "organs.account_sheet",
    "organs.account_rows",
    "organs.keeping",
    "organs.account_views",
    "organs.views",
    "organs.audit_views",
    "organs.urls",
    "organs.admin_signin",
    "organs.admin",
    "organs.management",
    "organs.apps",
    "measures.models",
    "measures.locks",
    "measures.packing",
    "measures.storing",
    "measures.ledger",
    "measures.many",
    "measures.carrying",
    "measures.restoring",
    "measures.moves",
    "measures.workflow",
    "measures.batches",
    "measures.counting",
    "measures.instructing",
    "measures.rollups",
    "measures.turning",
    "measures.rounds",
    "measures.filters",
    "measures.pages",
    "measures.again",
    "measures.handbook",
    "measures.hints",
    "measures.exports",
    "measures.forms",
    "measures.entering",
    "measures.resources",
    "measures.articles",
    "measures.wholesale",
    "measures.reports",
    "measures.templatetags",
    "measures.views",
    "measures.urls",
    "measures.admin",
    "measures.management",
    "measures.apps",
)
#: Who may write what review has written.
REVIEWERS = {"measures.workflow", "measures.ledger"}
#: Who may write rows: the doors, what the doors call, and who makes or remembers passwords.
WRITERS = {
    *(
        "organs.door",
        "organs.chain",
        "organs.audit",
        "measures.storing",
        "measures.ledger",
        "measures.many",
        "measures.resources.orders",
        "measures.resources.waiting",
        "measures.wholesale",
        "measures.rounds",
        "measures.workflow",
        "measures.restoring",
        "measures.batches",
        "measures.carrying",
        "measures.turning",
        "organs.passwords",
        "organs.accounts",
    ),
    "measures.management.commands.load_demo",
    "measures.management.commands.remind",
}
WRITING = re.compile(
    r"(objects|manager|row|stored|user|organ|draft|instance|event)(\(.*\))?"
    r"\.(save|delete|create|update|bulk_\w+|\w+_or_create|add_root|add_child|set_password)"
)
REVIEW_FIELDS = {"state", "closing_state", "approved_by", "approved_at", "superseded_at"} | {
    "retracted_by",
    "retracted_at",
}


def sources(*folders: str) -> dict[str, Path]:
    """Python modules by dotted name, without migrations."""
    found = (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in found
        if "migrations" not in path.parts
    }


CODE = {name: ast.parse(path.read_text()) for name, path in sources(*APPS, "config").items()}


def imports(name: str) -> set[str]:
    """The dotted names that a module imports; `from measures import charts` names measures.charts."""
    found = set()
    for node in ast.walk(CODE[name]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name} imports by dots"
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            modules = {full for full in inside if full in CODE}
            found |= modules
            if modules != inside:
                found.add(node.module or "")
    return found


def place(name: str) -> str | None:
    """The entry of the picture that a module belongs to."""
    return next((entry for entry in ORDER if name == entry or name.startswith(f"{entry}.")), None)


def test_every_module_has_its_place_in_the_picture() -> None:
    assert len(CODE) > 30
    assert [name for name in CODE if name.startswith(APPS) and name not in APPS and place(name) is None] == []


def test_modules_import_only_what_stands_below_them() -> None:
    wrong = [
        f"{name} imports {other}"
        for name in CODE
        if (here := place(name))
        for other in sorted(imports(name))
        if (there := place(other)) and here != there and ORDER.index(there) > ORDER.index(here)
    ]
    assert wrong == []


def test_nothing_is_imported_in_circles() -> None:
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " → ".join((*trail, name))
        if name not in done:
            for other in imports(name) & set(CODE):
                visit(other, (*trail, name))
            done.add(name)

    for name in CODE:
        visit(name, ())


def test_the_apps_do_not_import_the_configuration() -> None:
    assert [
        n for n in CODE if n.startswith(APPS) and any(i.split(".")[0] == "config" for i in imports(n))
    ] == []


@pytest.mark.parametrize("name", [name for name in CODE if place(name) in PURE])
def test_pure_modules_know_neither_django_nor_the_database(name: str) -> None:
    outside = {other.split(".")[0] for other in imports(name) if place(other) not in PURE}
    assert not outside & {"django", "psycopg", *APPS}


def test_scope_knows_of_django_only_how_to_ask() -> None:
    assert {other for other in imports("organs.scope") if "django" in other} == {"django.db.models"}


def test_organs_never_name_measures() -> None:
    assert [
        str(p) for p in (ROOT / "organs").rglob("*.py") if re.search(r"\bmeasures\b", p.read_text())
    ] == []


def test_views_never_import_each_other() -> None:
    views = [name for name in CODE if name.startswith("measures.views.")]
    assert [
        name for name in views if any(other.startswith("measures.views") for other in imports(name))
    ] == []


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    """Every function of a module, methods and inner ones included."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_imports_stand_at_the_top() -> None:
    late = {
        f"{name}.{function.name}"
        for name, tree in CODE.items()
        for function in functions(tree)
        if any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(function))
    }
    assert {where for where in late if not where.endswith(".apps.ready")} == set()


def test_a_file_fits_in_a_sitting() -> None:
    folders = ("config", "organs", "measures", "templates", "tests", ".ci")
    files = [p for folder in folders for p in (ROOT / folder).rglob("*") if "migrations" not in p.parts]
    kinds = {".py", ".html", ".css", ".js", ".svg", ".txt"}
    long = [
        (str(p.relative_to(ROOT)), n)
        for p in files
        if p.suffix in kinds and (n := len(p.read_text().splitlines())) > 400
    ]
    assert long == []


def test_no_group_is_repeated_possessively() -> None:
    """Python 3.11.0 to 3.11.4, among them Debian 12's, match such a group wrongly (gh-106052); (?>…) says the same."""
    possessive = re.compile(r"\)(?:[?*+]|\{[0-9,]+\})\+")
    found = [
        f"{name}:{node.lineno}"
        for name, tree in CODE.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and possessive.search(node.value)
    ]
    assert found == []


def test_no_float_touches_a_figure() -> None:
    touched = [
        f"{name}:{node.lineno}"
        for name, tree in CODE.items()
        if name.startswith("measures")
        for node in ast.walk(tree)
        if (isinstance(node, ast.Name) and node.id == "float")
        or (isinstance(node, ast.Constant) and isinstance(node.value, float))
    ]
    assert touched == []


def test_everything_public_says_its_contract() -> None:
    silent = [f"{name}.{where}" for name, tree in CODE.items() for where in undocumented(tree)]
    assert silent == []


def undocumented(node: ast.AST, trail: str = "") -> Iterator[str]:
    """Public classes, functions and methods without a docstring, by dotted name."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef | ast.FunctionDef):
            if child.name.startswith("_") or child.name in ("Meta", "Media"):
                continue
            if not ast.get_docstring(child):
                yield f"{trail}{child.name}"
            if isinstance(child, ast.ClassDef):
                yield from undocumented(child, f"{trail}{child.name}.")


def test_only_the_review_line_writes_what_review_writes() -> None:
    wrong = []
    for name, tree in CODE.items():
        if name in REVIEWERS:
            continue
        for node in ast.walk(tree):
            targets = node.targets if isinstance(node, ast.Assign) else []
            named = {t.attr for target in targets for t in ast.walk(target) if isinstance(t, ast.Attribute)}
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "update"
            ):
                named |= {keyword.arg for keyword in node.keywords if keyword.arg}
            if named & REVIEW_FIELDS:
                wrong.append(f"{name}:{node.lineno}")
    assert wrong == []


def test_rows_are_written_by_the_doors_alone() -> None:
    wrong = [
        f"{name}:{node.lineno}"
        for name, tree in CODE.items()
        if name not in WRITERS and ".models" not in name
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and WRITING.search(ast.unparse(node.func))
    ]
    assert wrong == []


def test_no_page_names_an_address_outside_the_site() -> None:
    names = re.compile(r"""(?:https?:)?//[\w.-]+\.\w+[^\s"'<>)]*""")
    of_svg = ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink")
    files = [ROOT / "requirements.txt", *(ROOT / "templates").rglob("*")]
    files += [
        p for app in APPS for folder in ("static", "templates") for p in (ROOT / app / folder).rglob("*")
    ]
    text = {".html", ".css", ".js", ".svg", ".txt", ".xml"}
    found = [
        (str(path.relative_to(ROOT)), address)
        for path in files
        if path.suffix in text
        for address in names.findall(path.read_text())
        if address not in of_svg
    ]
    assert found == []


def test_pages_hold_no_inline_script_and_no_inline_style() -> None:
    inline = re.compile(r"""<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:""", re.IGNORECASE)
    folders = [ROOT / "templates", *(ROOT / app / "templates" for app in APPS)]
    pages = [page for folder in folders for page in folder.rglob("*.html")]
    assert [
        (str(p.relative_to(ROOT)), found) for p in pages if (found := inline.findall(p.read_text()))
    ] == []


def test_every_queryset_knows_what_a_user_may_see():
    shared = {"Theme", "ActionKind", "Unit"}  # catalogues that everybody signed in may read
    models = [m for app in APPS for m in apps.get_app_config(app).get_models()]
    assert {m.__name__ for m in models if not hasattr(m._default_manager, "visible_to")} == shared


def test_days_and_numbers_are_typed_as_text() -> None:
    """A browser's own boxes swallow what a Chinese input method types: ２０２４年３月５日, １.２万余."""
    own = re.compile(r"""type["']?[=:]\s*["'](date|number|month|time)|NumberInput|forms\.DateField\(""")
    sources = [p for name in ("organs", "measures", "templates") for p in (ROOT / name).rglob("*.*")]
    texts = {p: p.read_text() for p in sources if p.suffix in (".py", ".html")}
    assert [str(p.relative_to(ROOT)) for p, text in texts.items() if own.search(text)] == []
