"""Our pages in the browsers of offices, Chromium 86 under other names: nothing newer stands in what we serve."""

from pathlib import Path

import pytest

from tests.newer import TABLE, Feature, newer

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted(
    path
    for folder in ("templates", "organs/static", "measures/static", "organs/templates", "measures/templates")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in (".css", ".js", ".html")
)
#: What an older browser leaves out without harm.
HARMLESS: dict[Feature, str] = {
    ("property", "text-underline-offset"): "the line stands nearer to the words",
    ("property", "accent-color"): "a box that is ticked is blue",
    ("property", "print-color-adjust"): "-webkit-print-color-adjust stands beside it",
    ("selector", "::details-content"): "what can be opened beside a chart is printed closed",
    ("at-rule", "bottom-center"): "the browser prints page numbers of its own, if asked to",
}
#: How a feature is written, and something that looks like it and is old, by its kind.
WRITTEN = {
    "property": (".css", "a {{ {0}: 0; }}", "/* {0}: 0 */ .{0} {{ content: '{0}: 0'; --{0}: 0; }}"),
    "value": (".css", "a {{ {0}; }}", "/* {0} */ a {{ content: '{0}'; }}"),
    "function": (
        ".css",
        "a {{ width: calc(1px + {0}(1)); }}",
        ".{0} {{ content: '{0}(1)'; animation: {0} 1s; }}",
    ),
    "unit": (".css", "a {{ width: 1{0}; }}", "a {{ content: '1{0}'; width: 1vh; }} .{0} {{ top: 1rem; }}"),
    "selector": (".css", "a{0}(b) {{ top: 0; }}", ".a [title='{0}'] {{ content: '{0}'; }}"),
    "at-rule": (".css", "@{0} x {{ a {{ top: 0; }} }}", "/* @{0} */ @media print {{ .{0} {{ top: 0; }} }}"),
    "media": (
        ".css",
        "@media ({0}: none) {{ a {{ top: 0; }} }}",
        "@media (min-width: 1px) {{ .{0} {{ top: 0; }} }}",
    ),
    "call": (".js", "rows.{0}(1);", "// rows.{0}(1)\nsay('rows.{0}(1)', row.{0});"),
    "name": (".js", "say({0}, page.{0});", "// {0}\nsay('{0}');"),
    "element": (".html", "<{0}>x</{0}>", "<p class='{0}'>&lt;{0}&gt;</p><!-- <{0}> -->"),
    "attribute": (".html", "<p {0}>x</p>", "<p class='{0}' data-{0}>{0}</p>"),
}
#: The same for what is not written by its name alone.
SPECIAL = {
    ("selector", ":not with a list"): (".css", "a:not(b, c) { top: 0; }", "a:not(b):not(c), d { top: 0; }"),
    ("selector", ":nth-child of"): (
        ".css",
        "a:nth-child(2 of b) { top: 0; }",
        "a:nth-child(2n + 1) { top: 0; }",
    ),
    ("selector", "&"): (".css", "a { b { top: 0; } }", "a { top: 0; } @media print { b { top: 0; } }"),
    ("media", "a range"): (
        ".css",
        "@media (width >= 1px) { a { top: 0; } }",
        "@media (min-width: 1px) { a { top: 0; } }",
    ),
    ("syntax", "?."): (".js", "a?.b;", "a ? .5 : '?.';"),
    ("syntax", "??"): (".js", "a ?? b;", "a ? b : '??'; // ??"),
    ("syntax", "??="): (".js", "a ??= b;", "a = b; // ??="),
    ("syntax", "||="): (".js", "a ||= b;", "a = a || b;"),
    ("syntax", "&&="): (".js", "a &&= b;", "a = a && b;"),
    ("syntax", "#private"): (
        ".js",
        "class A { b() { return this.#c; } }",
        "class A { b() { return '#c'; } }",
    ),
    ("syntax", "class field"): (".js", "class A { b = 1; }", "class A { constructor() { this.b = 1; } }"),
    ("syntax", "static block"): (
        ".js",
        "class A { static { b(); } }",
        "class A { static b() { return 1; } }",
    ),
    ("syntax", "1n"): (".js", "a = 10n;", "a = 10; n = '10n';"),
    ("syntax", "1_000"): (".js", "a = 1_000;", "a_1 = 1000;"),
    ("syntax", "import()"): (".js", "import('a');", "say('import(a)');"),
    ("syntax", "import.meta"): (".js", "a = import.meta.url;", "a = b.meta.url;"),
    ("syntax", "import"): (".js", "import a from 'a';", "say('import a');"),
    ("syntax", "export"): (".js", "export const a = 1;", "const a = 1;"),
    ("syntax", "await outside"): (".js", "await a();", "async function b() { await a(); }"),
    ("syntax", "regex d"): (".js", "a = /b/d;", "a = /d/gimsuy;"),
    ("syntax", "regex v"): (".js", "a = /b/v;", "a = /v/u;"),
    ("attribute", "details name"): (
        ".html",
        "<details name='a'></details>",
        "<details></details><input name='a'>",
    ),
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_is_newer_than_the_browsers_of_offices(path: Path) -> None:
    found = newer(path.read_text(), path.suffix)
    assert {feature: version for feature, version in found.items() if feature not in HARMLESS} == {}


@pytest.mark.parametrize("feature", TABLE, ids=" ".join)
def test_what_is_newer_is_found_and_what_only_looks_like_it_is_not(feature: Feature) -> None:
    kind, name = feature
    ending, used, looks_like = SPECIAL.get(feature) or WRITTEN[kind]
    if feature not in SPECIAL:
        used, looks_like = used.format(name), looks_like.format(name)
    assert feature in newer(used, ending), used
    assert newer(looks_like, ending) == {}, looks_like


def test_a_script_that_cannot_be_read_is_refused() -> None:
    assert ("syntax", "an error") in newer("function (", ".js")


def test_there_is_something_to_look_at_and_nothing_is_excused_in_vain() -> None:
    assert {path.suffix for path in FILES} == {".css", ".js", ".html"}
    used = {feature for path in FILES for feature in newer(path.read_text(), path.suffix)}
    assert set(HARMLESS) <= used
