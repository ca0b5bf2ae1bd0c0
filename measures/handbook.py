"""The handbook (docs/手册.md) as a page: contents, places to link to, words looked for; and single sentences of it.

A term is what a point of a list begins with in bold: `- **含下级**：…`. It is written once, in the handbook; a question
mark beside a field and a hint take the sentence from there.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

from django.conf import settings
from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token
from PIL import Image

from measures.searching import Piece, bare, excerpt, pieces, words

#: Raw HTML is shown as it is written, never taken for a page's own.
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_NUMBERED = re.compile(r"^[一二三四五六七八九十]+、")
_COLON = "："
_BOLD = ["strong_open", "text", "strong_close", "text"]


@dataclass(frozen=True)
class Entry:
    """A place to link to; how deep it lies (2 chapter, 3 section, 4 term), and what it says of the words looked for."""

    anchor: str
    title: str
    depth: int
    said: tuple[Piece, ...] = ()


@dataclass(frozen=True)
class Book:
    """The handbook: its pages, its contents, and the places that have all the words looked for, those named by them first."""

    pages: SafeString
    contents: tuple[Entry, ...]
    hits: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class Sentence:
    """What the handbook says of a term, and where."""

    term: str
    said: SafeString

    @property
    def anchor(self) -> str:
        """The place in the handbook."""
        return _anchor(self.term)


def handbook(typed: str = "") -> Book:
    """The whole handbook, the words typed marked in it."""
    return _book(*_file(), words(typed))


def sentence(term: str) -> Sentence:
    """What the handbook says of a term; KeyError if it has no such term."""
    return _sentences(*_file())[term]


def terms() -> list[str]:
    """Every term, as often as it is explained."""
    return [term for term, *_ in _terms(MARKDOWN.parse(_file()[0].read_text()))]


def _file() -> tuple[Path, int]:
    """The file, and its age: what was made of it is kept until it is another."""
    path = settings.HANDBOOK
    return path, path.stat().st_mtime_ns


@lru_cache(maxsize=8)
def _book(path: Path, age: int, asked: Sequence[str]) -> Book:
    tokens = MARKDOWN.parse(path.read_text())
    contents, hits = [], []
    for place in _places(tokens):
        entry = Entry(_anchor(_NUMBERED.sub("", place.title)), place.title, place.depth)
        place.token.attrSet("id", entry.anchor)
        if place.depth in (2, 3):
            contents.append(entry)
        if place.has(asked) and not any(term.has(asked) for term in place.terms):
            told = " ".join(place.texts)
            hits.append(replace(entry, said=pieces(excerpt(told, asked) or told[:60], asked)))
    hits.sort(key=lambda entry: not any(word in bare(entry.title) for word in asked))
    for token in tokens:
        if token.type == "inline":
            token.children = list(_marked(_joined(token.children or []), asked))
            _show_pictures(token, path.parent)
    pages = MARKDOWN.renderer.render(tokens, MARKDOWN.options, {})
    return Book(mark_safe(pages), tuple(contents), tuple(hits))


@lru_cache(maxsize=1)
def _sentences(path: Path, age: int) -> dict[str, Sentence]:
    found: dict[str, Sentence] = {}
    for term, _, inline in _terms(MARKDOWN.parse(path.read_text())):
        first, *rest = _joined((inline.children or [])[3:])
        rest = [first.copy(content=first.content.removeprefix(_COLON)), *rest]
        said = MARKDOWN.renderer.render([Token("inline", "", 0, children=rest)], MARKDOWN.options, {})
        found.setdefault(term, Sentence(term, mark_safe(said)))
    return found


def _terms(tokens: Sequence[Token]) -> Iterator[tuple[str, Token, Token]]:
    """Each point that begins with a term in bold and a colon: the term, its list item, its text."""
    for item, _, inline in zip(tokens, tokens[1:], tokens[2:], strict=False):
        children = inline.children or []
        if item.type != "list_item_open" or inline.type != "inline" or len(children) < 4:
            continue
        said = [child for child in children if child.content or child.type != "text"]
        if [child.type for child in said[:4]] == _BOLD and said[3].content.startswith(_COLON):
            inline.children = said
            yield said[1].content, item, inline


@dataclass
class _Place:
    """What can be linked to: a heading or a term, the texts that belong to it, and the terms below a heading."""

    token: Token
    title: str
    depth: int
    texts: list[str] = field(default_factory=list)
    terms: list["_Place"] = field(default_factory=list)

    def has(self, asked: Sequence[str]) -> bool:
        said = bare(" ".join((self.title, *self.texts)))
        return bool(asked) and all(word in said for word in asked)


def _places(tokens: Sequence[Token]) -> list[_Place]:
    """Every heading with the texts below it, and every term (depth 4) with its own."""
    explained = {id(inline): (term, item) for term, item, inline in _terms(tokens)}
    headings: list[_Place] = []
    found: list[_Place] = []
    for before, token in pairwise(tokens):
        if token.type != "inline":
            continue
        if before.type == "heading_open":
            headings.append(_Place(before, _text(token), int(before.tag[1])))
            found.append(headings[-1])
        if id(token) in explained:
            term, item = explained[id(token)]
            found.append(_Place(item, term, 4, [_text(token)]))
            headings[-1].terms.append(found[-1])
        if headings and before.type != "heading_open":
            headings[-1].texts.append(_text(token))
    return found


def _anchor(title: str) -> str:
    return "-".join(re.findall(r"\w+", title))


def _text(token: Token) -> str:
    """The words of a piece of text."""
    if not token.children:
        return token.content
    return "".join(
        child.content for child in _joined(token.children) if child.type in ("text", "code_inline")
    )


def _joined(children: Sequence[Token]) -> list[Token]:
    """The parts of a paragraph, without the ends of lines: Chinese has no space there."""
    found: list[Token] = []
    for child in children:
        if child.type == "text" and found and found[-1].type == "text":
            found[-1] = found[-1].copy(content=found[-1].content + child.content)
        elif child.type != "softbreak":
            found.append(child)
    return found


def _marked(children: Sequence[Token], asked: Sequence[str]) -> Iterator[Token]:
    """The parts of a paragraph, with marks around the words looked for."""
    for child in children:
        if not asked or child.type != "text":
            yield child
            continue
        for piece in pieces(child.content, asked):
            if piece.found:
                yield Token("mark_open", "mark", 1)
            yield Token("text", "", 0, content=piece.text)
            if piece.found:
                yield Token("mark_close", "mark", -1)


def _show_pictures(inline: Token, folder: Path) -> None:
    """From the site's own files, each in its place before it comes, and only when it comes into view.

    All together they weigh more than everything else of a first visit; as files of the site browsers keep them.
    """
    for child in inline.children or []:
        if child.type == "image":
            name = unquote(str(child.attrGet("src")))
            with Image.open(folder / name) as picture:
                width, height = picture.size
            child.attrSet("src", static(f"handbook/{Path(name).name}"))
            for key, value in (("width", width), ("height", height), ("loading", "lazy")):
                child.attrSet(key, str(value))
