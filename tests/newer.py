"""Finds in style sheets, scripts and pages what came to browsers after Chromium 86, or is beyond ES2019 (newer.txt).

A feature is a kind and a name: ("property", "inset"). What a file uses is read by parsers, so that a word in a comment,
in a text or in the name of a class is no feature.
"""

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import tinycss2
import tree_sitter_javascript
from tinycss2.ast import AtRule, Declaration, QualifiedRule
from tree_sitter import Language, Node, Parser

Feature = tuple[str, str]


def _table() -> Iterator[tuple[Feature, int]]:
    for line in Path(__file__).with_suffix(".txt").read_text().splitlines():
        if line and not line.startswith("#"):
            kind, version, names = line.split(None, 2)
            yield from (((kind, name), int(version)) for name in names.split(", "))


TABLE = dict(_table())

_JAVASCRIPT = Language(tree_sitter_javascript.language())


def of_styles(text: str) -> Iterator[Feature]:
    """What a style sheet uses."""
    yield from _rules(tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True))


def _rules(rules: Iterable[Any], *, inside: bool = False) -> Iterator[Feature]:
    for rule in rules:
        match rule:
            case AtRule():
                yield "at-rule", rule.lower_at_keyword
                if rule.lower_at_keyword == "media":
                    yield from _media(rule.prelude)
                yield from _rules(tinycss2.parse_blocks_contents(rule.content or (), True, True))
            case QualifiedRule():
                yield from _selector(rule.prelude)
                content = tinycss2.parse_blocks_contents(rule.content, True, True)
                if any(isinstance(part, QualifiedRule) for part in content):
                    yield "selector", "&"
                yield from _rules(content)
            case Declaration():
                yield "property", rule.lower_name
                yield from _value(rule.lower_name, rule.value)


def _media(tokens: Iterable[Any]) -> Iterator[Feature]:
    for token in tokens:
        if token.type == "() block":
            yield from _media(token.content)
        elif token.type == "ident":
            yield "media", token.lower_value
        elif token.type == "literal" and token.value in ("<", ">", "<=", ">=", "="):
            yield "media", "a range"


def _selector(tokens: list[Any], colons: str = "") -> Iterator[Feature]:
    for token in tokens:
        if token.type == "literal" and token.value == ":":
            colons += ":"
            continue
        if token.type == "literal" and token.value == "&":
            yield "selector", "&"
        if token.type == "ident" and colons:
            yield "selector", colons + token.lower_value
        if token.type == "function":
            yield "selector", colons + token.lower_name
            commas = any(t.type == "literal" and t.value == "," for t in token.arguments)
            if token.lower_name == "not" and commas:
                yield "selector", ":not with a list"
            if token.lower_name.startswith("nth-") and any(
                t.type == "ident" and t.lower_value == "of" for t in token.arguments
            ):
                yield "selector", ":nth-child of"
            yield from _selector(token.arguments)
        colons = ""


def _value(name: str, tokens: Iterable[Any]) -> Iterator[Feature]:
    for token in tokens:
        if token.type == "function":
            yield "function", token.lower_name
            yield from _value(name, token.arguments)
        elif token.type == "dimension":
            yield "unit", token.lower_unit
        elif token.type == "ident":
            yield "value", f"{name}: {token.lower_value}"
        elif token.type == "() block":
            yield from _value(name, token.content)


def of_script(text: str) -> Iterator[Feature]:
    """What a script uses; ("syntax", "an error") where it cannot be read."""
    tree = Parser(_JAVASCRIPT).parse(text.encode())
    if tree.root_node.has_error:
        yield "syntax", "an error"
    yield from _node(tree.root_node, within=False)


def _node(node: Node, *, within: bool) -> Iterator[Feature]:
    """`within` a function, where await stands rightly."""
    said = (node.text or b"").decode()
    match node.type:
        case "optional_chain":
            yield "syntax", "?."
        case "??" | "??=" | "||=" | "&&=":
            yield "syntax", node.type
        case "private_property_identifier":
            yield "syntax", "#private"
        case "field_definition":
            yield "syntax", "class field"
        case "class_static_block":
            yield "syntax", "static block"
        case "number":
            yield "syntax", "1n" if said.endswith("n") else "1_000" if "_" in said else "1"
        case "import_statement" | "export_statement":
            yield "syntax", node.type.partition("_")[0]
        case "meta_property" if said.startswith("import"):
            yield "syntax", "import.meta"
        case "regex_flags":
            yield from (("syntax", f"regex {flag}") for flag in said)
        case "await_expression" if not within:
            yield "syntax", "await outside"
        case "call_expression":
            called = node.child_by_field_name("function")
            if called is not None and called.type == "import":
                yield "syntax", "import()"
            if called is not None and (name := called.child_by_field_name("property")):
                yield "call", (name.text or b"").decode()
        case "identifier" | "property_identifier":
            yield "name", said
    inner = within or "function" in node.type or node.type == "method_definition"
    for child in node.children:
        yield from _node(child, within=inner)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Feature] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(("element", tag))
        for name, value in attrs:
            self.found += [("attribute", spelt) for spelt in (name, f"{tag} {name}", f"{name}={value}")]


def of_page(text: str) -> Iterator[Feature]:
    """What a template uses; what Django fills in is left out."""
    tags = _Tags()
    tags.feed(re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", "", text))
    yield from tags.found


READERS = {".css": of_styles, ".js": of_script, ".html": of_page}


def newer(text: str, ending: str) -> dict[Feature, int]:
    """What a file of this kind uses that is too new, with the version that brought it (0: it cannot be read)."""
    used = set(READERS[ending](text))
    return {f: TABLE.get(f, 0) for f in used if f in TABLE or f[1] == "an error"}
