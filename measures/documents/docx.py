"""The words of a DOCX in their order: paragraphs, rows of tables, and the numbers that Word sets before paragraphs.

Read as plain XML, element by element: what is deleted, hidden or said twice for older programs is left out.
"""

import zipfile
from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import XMLParser

from measures.documents.numbering import Numbering, read_numbering, read_style_numbers

#: An XML part of so many bytes is no text that anybody typed.
MOST_XML = 40 * 1024 * 1024
#: And no text that anybody typed has more elements, or tables so deep in one another.
_MOST_ELEMENTS, _DEEPEST = 2_000_000, 50
_PIECE = 64 * 1024
_LEFT_OUT = frozenset({"Fallback", "moveFrom", "del", "rt", "instrText", "delText"})
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}


class TooLongError(ValueError):
    """The text is longer than anybody reads."""


def body_text(package: zipfile.ZipFile, main: str, most: int) -> str:
    """The text of a document, a line for each paragraph and each row of a table; raises TooLongError over `most`."""
    names = package.namelist()
    numbering = Numbering({}, {})
    styles: dict[str, tuple[str, int]] = {}
    if "word/numbering.xml" in names:
        numbering = read_numbering(lambda target: parse(package, "word/numbering.xml", target))
        if "word/styles.xml" in names:
            styles = read_style_numbers(lambda target: parse(package, "word/styles.xml", target))
    body = _Body(numbering, styles, most)
    parse(package, main, body)
    return "\n".join(body.lines)


def parse(package: zipfile.ZipFile, name: str, target: "Target") -> None:
    """Tell the target of each element of a part; raises TooLongError, or what a damaged part raises."""
    if package.getinfo(name).file_size > MOST_XML:
        raise TooLongError(name)
    parser = XMLParser(target=_Plainly(target))
    with package.open(name) as opened:
        while piece := opened.read(_PIECE):
            parser.feed(piece)
    parser.close()


class Target:
    """What is told of elements, by their names without name space."""

    def start(self, name: str, values: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def data(self, words: str) -> None:
        """Words inside of it."""


class _Plainly:
    """Between a parser and a target: names lose their name space, and declarations are refused."""

    def __init__(self, target: Target) -> None:
        self.data: Callable[[str], None] = target.data
        self._target, self._left = target, _MOST_ELEMENTS

    def start(self, tag: str, values: dict[str, str]) -> None:
        self._left -= 1
        if self._left < 0:
            raise TooLongError(tag)
        self._target.start(_local(tag), {_local(key): value for key, value in values.items()})

    def end(self, tag: str) -> None:
        self._target.end(_local(tag))

    def doctype(self, *_: Any) -> None:
        raise ValueError("a document declares no types")

    def close(self) -> None:
        pass


def _local(name: str) -> str:
    return name.rpartition("}")[2]


class _Paragraph:
    """A paragraph that is being read."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.style = ""
        self.number = ""
        self.level = 0
        self.numbered = False


class _Body(Target):
    """The lines of a document; paragraphs in text boxes stand before the one that holds them."""

    def __init__(self, numbering: Numbering, styles: dict[str, tuple[str, int]], most: int) -> None:
        self.lines: list[str] = []
        self._numbering, self._styles, self._most = numbering, styles, most
        self._open: list[_Paragraph] = []
        self._rows: list[list[list[str]]] = []
        self._skipped, self._length = 0, 0
        self._in_text, self._hidden, self._in_run = False, False, False

    def start(self, name: str, values: dict[str, str]) -> None:
        if self._skipped or name in _LEFT_OUT:
            self._skipped += 1
        elif name == "p":
            self._open.append(_Paragraph())
        elif name == "tr":
            if len(self._rows) >= _DEEPEST:
                raise TooLongError
            self._rows.append([])
        elif name == "tc" and self._rows:
            self._rows[-1].append([])
        elif self._open:
            self._inside(name, values)

    def _inside(self, name: str, values: dict[str, str]) -> None:
        paragraph = self._open[-1]
        match name:
            case "r":
                self._in_run, self._hidden = True, False
            case "t":
                self._in_text = True
            case "vanish" if self._in_run:
                self._hidden = values.get("val", "1") not in ("0", "false", "off")
            case "pStyle":
                paragraph.style = values.get("val", "")
            case "numId":
                paragraph.number, paragraph.numbered = values.get("val", ""), True
            case "ilvl":
                paragraph.level = _level(values.get("val", ""))
            case _ if name in _SIGNS and self._in_run:
                paragraph.words.append(_SIGNS[name])

    def end(self, name: str) -> None:
        if self._skipped:
            self._skipped -= 1
        elif name == "t":
            self._in_text = False
        elif name == "r":
            self._in_run = self._hidden = False
        elif name == "p" and self._open:
            self._said(self._open.pop())
        elif name == "tr" and self._rows:
            self._told(self._rows.pop())

    def data(self, words: str) -> None:
        if self._in_text and self._open and not self._skipped and not self._hidden:
            self._open[-1].words.append(words)
            self._length += len(words)
            if self._length > self._most:
                raise TooLongError

    def _said(self, paragraph: _Paragraph) -> None:
        words = "".join(paragraph.words)
        if not words.strip():
            return
        number, level = paragraph.number, paragraph.level
        if not paragraph.numbered and paragraph.style in self._styles:
            number, level = self._styles[paragraph.style]
        self._add(self._numbering.next(number, level) + words)

    def _add(self, line: str) -> None:
        if self._rows and self._rows[-1]:
            self._rows[-1][-1].append(line)
        else:
            self.lines.append(line)

    def _told(self, row: list[list[str]]) -> None:
        """A row is one line, unless its cells hold paragraphs."""
        cells = [cell for cell in row if cell]
        if all(len(cell) == 1 for cell in cells):
            cells = [["\t".join(cell[0] for cell in cells)]] if cells else []
        for cell in cells:
            for line in cell:
                self._add(line)


def _level(said: str) -> int:
    return int(said) if said.isdecimal() and len(said) == 1 else 0
