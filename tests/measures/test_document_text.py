"""The words of TXT and DOCX as a person reads them, and every file that is refused, with its sentence."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measures.documents import DocumentError, text_of
from measures.packages import MOST_MB
from tests.files import office_file, pdf_file, zip_file

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
NUMBERING = f"""<w:numbering {W}>
<w:abstractNum w:abstractNumId="7">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（%2）"/></w:lvl>
<w:lvl w:ilvl="2"><w:start w:val="3"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%3."/></w:lvl>
<w:lvl w:ilvl="3"><w:start w:val="1"/><w:numFmt w:val="decimalEnclosedCircleChinese"/><w:lvlText w:val="%4"/></w:lvl>
</w:abstractNum>
<w:abstractNum w:abstractNumId="8">
<w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="&#xF06C;"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="8"/></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="7"/>
<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>
</w:numbering>"""
STYLES = f"""<w:styles {W}>
<w:style w:styleId="a"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
<w:style w:styleId="b"><w:basedOn w:val="a"/></w:style></w:styles>"""


def paragraph(words: str, about: str = "") -> str:
    return f"<w:p><w:pPr>{about}</w:pPr><w:r><w:t>{words}</w:t></w:r></w:p>"


def numbered(words: str, number: int, level: int = 0) -> str:
    return paragraph(words, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def docx(body: str, **parts: str) -> bytes:
    """A DOCX with this body."""
    document = f"<w:document {W}><w:body>{body}</w:body></w:document>"
    more = {f"word/{name}.xml": part.encode() for name, part in parts.items()}
    return zip_file(**{"word/document.xml": document.encode(), **more})


def lines(body: str, **parts: str) -> list[str]:
    return text_of("总结.docx", docx(body, **parts)).split("\n")


def test_paragraphs_come_in_their_order() -> None:
    assert lines(paragraph("一、突出政治") + paragraph("") + paragraph("组织学习3次。")) == [
        "一、突出政治",
        "组织学习3次。",
    ]


def test_numbers_that_word_sets_are_read_as_they_are_printed() -> None:
    said = lines(
        numbered("政治", 1)
        + numbered("理论", 1, 1)
        + numbered("学习", 1, 1)
        + numbered("研讨", 1, 2)
        + numbered("体会", 1, 3)
        + numbered("走访", 2)
        + numbered("作风", 1)
        + numbered("纪律", 1, 1)
        + numbered("另起", 3)
        + numbered("没有这个", 9),
        numbering=NUMBERING,
    )
    assert said == [
        *("一、政治", "（一）理论", "（二）学习", "3.研讨", "①体会", "•走访"),
        *("二、作风", "（一）纪律", "一、另起", "没有这个"),
    ]


def test_a_style_numbers_its_paragraphs_and_those_of_styles_based_on_it() -> None:
    body = paragraph("政治", '<w:pStyle w:val="a"/>') + paragraph("作风", '<w:pStyle w:val="b"/>')
    plain = paragraph("正文", '<w:pStyle w:val="b"/><w:numPr><w:numId w:val="0"/></w:numPr>')
    assert lines(body + plain, numbering=NUMBERING, styles=STYLES) == ["一、政治", "二、作风", "正文"]


def test_a_row_of_a_table_is_a_line_unless_its_cells_hold_paragraphs() -> None:
    def row(*cells: str) -> str:
        return "<w:tr>" + "".join(f"<w:tc>{cell}</w:tc>" for cell in cells) + "</w:tr>"

    table = row(paragraph("序号"), paragraph("举措")) + row(
        paragraph("做法"), paragraph("一、学习") + paragraph("二、走访")
    )
    assert lines(f"{paragraph('前')}<w:tbl>{table}</w:tbl>{paragraph('后')}") == [
        *("前", "序号\t举措", "做法", "一、学习", "二、走访", "后"),
    ]


def test_what_is_deleted_hidden_or_said_twice_is_left_out() -> None:
    run = "<w:r>{}<w:t>{}</w:t></w:r>"
    body = (
        "<w:p>"
        + run.format("", "走访")
        + f"<w:del>{run.format('', '删去')}</w:del><w:ins>{run.format('', '群众')}</w:ins>"
        + run.format("<w:rPr><w:vanish/></w:rPr>", "隐藏")
        + run.format('<w:rPr><w:vanish w:val="0"/></w:rPr>', "三次")
        + f"<w:r><mc:AlternateContent xmlns:mc='x'><mc:Fallback>{paragraph('又一遍')}</mc:Fallback></mc:AlternateContent></w:r>"
        + "<w:r><w:instrText>PAGE</w:instrText><w:tab/><w:t>完</w:t></w:r></w:p>"
    )
    assert lines(body) == ["走访群众三次\t完"]


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_plain_text_is_read_in_every_usual_code(code: str) -> None:
    assert text_of("报告.txt", "开展义诊\r\n三次㐂".encode(code)) == "开展义诊\n三次㐂"


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
TWICE = f'<!DOCTYPE a [<!ENTITY b "{"哈" * 100}">]>'
REFUSED = [
    ("总结.docx", b"", "空的"),
    ("总结.docx", b"x" * (MOST_MB * 1024 * 1024 + 1), "超过20MB"),
    ("总结.doc", OLE + b"\0" * 600, "旧格式"),
    ("总结.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "密码"),
    ("总结.docx", docx(paragraph("走访"), numbering=TWICE), "不该有的声明"),
    ("总结.docx", zip_file(**{"word/document.xml": TWICE.encode()}), "不该有的声明"),
    ("总结.docx", zip_file(**{"word/document.xml": TWICE.encode("utf-16")}), "不该有的声明"),
    (
        "总结.docx",
        zip_file(
            **{
                "word/document.xml": f"<?xml version='1.0' encoding='cp037'?>{TWICE}<a/>".replace(
                    "哈", "a"
                ).encode("cp037")
            }
        ),
        "损坏",
    ),
    ("总结.docm", office_file("docx", **{"word/vbaProject.bin": b"x"}), "宏"),
    ("台账.xlsx", office_file("xlsx"), "不是 Word 文件"),
    ("总结.docx", zip_file(**{"word/document.xml": b"<a>"}), "损坏"),
    ("总结.docx", docx(paragraph("走访"))[:-40], "损坏"),
    ("总结.docx", docx(paragraph("走访")).replace(b"PK\x01\x02", b"PK\x01\x03"), "损坏"),
    ("总结.docx", docx(""), "没有文字"),
    ("总结.docx", docx("<w:p/>" * 7_000_000), "文字太多"),
    ("总结.docx", docx("<w:p/>" * 2_000_001), "文字太多"),
    ("总结.docx", docx("<w:tr><w:tc>" * 51 + "</w:tc></w:tr>" * 51), "文字太多"),
    ("总结.docx", "走访三次".encode(), "损坏"),
    ("总结.pdf", pdf_file(), "PDF"),
    ("总结.doc", b"{\\rtf1 }", "RTF"),
    ("总结.doc", b"\n<HTML><body>", "网页"),
    ("总结.txt", b"\xff\xd8\xff\xe0\x00\x10JFIF", "看不懂"),
    ("总结.txt", b"abc\x00", "看不懂"),
    ("总结.txt", "走".encode() * 3_000_001, "文字太多"),
    ("总结.txt", b" \n\xe3\x80\x80\n", "没有文字"),
]


@pytest.mark.parametrize(("name", "content", "said"), REFUSED, ids=lambda each: str(each)[:12])
def test_what_is_no_report_is_refused_in_a_sentence(name: str, content: bytes, said: str) -> None:
    with pytest.raises(DocumentError, match=said) as refused:
        text_of(name, content)
    assert str(refused.value).endswith("。")


def test_a_bomb_is_refused_before_it_is_opened() -> None:
    parts = {f"word/media/{number}.bin": b"\0" * 30_000_000 for number in range(7)}
    with pytest.raises(DocumentError, match="解开后太大"):
        text_of("总结.docx", zip_file(**{"word/document.xml": b"<x/>", **parts}))


def test_deep_elements_cost_their_length_only() -> None:
    begun = process_time()
    with pytest.raises(DocumentError, match="损坏"):
        text_of("总结.docx", docx("<w:sdt>" * 1_000_000))
    assert process_time() - begun < 5


def answer(content: bytes) -> str:
    """The text of a file, or the sentence that refuses it."""
    try:
        return text_of("总结.docx", content)
    except DocumentError as error:
        return str(error)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    assert all(answer(start + content).strip() for start in (b"", b"PK\x03\x04", OLE))


@given(st.integers(0, 5000), st.integers(0, 255))
def test_a_damaged_document_is_read_or_refused(place: int, value: int) -> None:
    content = bytearray(docx(paragraph("走访") * 3, numbering=NUMBERING))
    content[place % len(content)] = value
    assert answer(bytes(content)).strip()
