"""Organs brought by a sheet, by those who keep them."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from measures.models import Upload
from measures.resources import waiting
from organs.models import AuditEvent, Organ
from tests.measures.messy import text
from tests.measures.test_sheets_in import confirm, handed_out, sheet, told

pytestmark = pytest.mark.django_db
HEADS = ("单位名称", "上级单位", "类别", "党组织", "次序", "成立日期", "撤并日期", "科室", "电话")


@pytest.fixture
def bring(as_user, steward, area):
    """Brings a sheet of organs as the steward."""

    def brought(*rows, by=steward, file=None, home=area):
        sent = {"kind": "organs", "home": home.pk, "file": file or sheet(*rows)}
        return as_user(by).post("/sheets/", sent, follow=True)

    return brought


def statuses():
    """What would become of the rows that wait."""
    return [str(entry.status) for entry in waiting.looked_at(Upload.objects.get()).entries]


def children(organ):
    """The names of the units directly below."""
    return [each.name for each in Organ.objects.filter(path__startswith=organ.path, depth=organ.depth + 1)]


ROWS = (
    HEADS,
    ("丙局二站", "丙局", "下属单位", "", "", "", "", "", ""),
    ("丙局", "示范县", "局", "党组", 1, "2010.3.5", "", "机关党办", "0914-3320000"),
    ("丙局一站", "丙局", "下属单位", "党支部", 1, "", "", "", ""),
    ("乙局", "", "", "党委", "", "", "", "办公室", ""),
)


def test_new_and_changed_organs_are_taken_over_with_their_events(bring, area, other_bureau, unit):
    answer = bring(*ROWS)
    before = AuditEvent.objects.count()
    assert statuses() == ["new", "new", "new", "changed"]
    assert "已经生效" in confirm(answer).content.decode()
    assert children(area) == ["丙局", "甲局", "乙局"]
    made = Organ.objects.get(name="丙局")
    assert children(made) == ["丙局一站", "丙局二站"]
    assert (made.kind, made.party_kind, str(made.active_from), made.office) == (
        *("bureau", "group", "2010-03-05", "机关党办"),
    )
    other_bureau.refresh_from_db()
    assert (other_bureau.party_kind, other_bureau.office, other_bureau.kind) == (
        "committee",
        "办公室",
        "bureau",
    )
    assert Organ.objects.get(pk=unit.pk).path.startswith(Organ.objects.get(name="甲局").path)
    assert AuditEvent.objects.count() == before + 4
    assert Organ.objects.find_problems() == ([], [], [], [], [])
    bring(*ROWS)
    assert statuses() == ["same"] * 4


def test_the_form_lists_what_stands_and_comes_back_without_a_change(bring, as_user, steward, area, bureau):
    content = handed_out(as_user(steward), "organs", area)
    bring(file=SimpleUploadedFile("x.xlsx", content))
    assert statuses() == ["same"] * 5
    book = load_workbook(BytesIO(content))
    page = book.active
    place = next(row for row in range(2, 7) if page.cell(row, 1).value == "乙局")
    page.cell(place, 1).value, page.cell(place, 6).value = "乙局（新名）", "1"
    changed = BytesIO()
    book.save(changed)
    answer = bring(file=SimpleUploadedFile("x.xlsx", changed.getvalue()))
    assert "与第" in told(answer)[0]  # two want to be the first
    page.cell(next(row for row in range(2, 7) if page.cell(row, 1).value == "甲局"), 6).value = "2"
    changed = BytesIO()
    book.save(changed)
    confirm(bring(file=SimpleUploadedFile("x.xlsx", changed.getvalue())))
    assert children(area) == ["乙局（新名）", "甲局"]
    answer = bring(file=SimpleUploadedFile("x.xlsx", content))
    assert {sentence.partition("：")[0].partition("行")[2] for sentence in told(answer)} == {"“系统标记”"}


def test_refusals_name_the_cell_and_nothing_is_stored(bring):
    count = Organ.objects.count()
    answer = bring(
        HEADS,
        ("丙局", "没有的县", "厅", "", "", "", "", "", ""),
        ("丁局", "", "", "", 0, "2020-01-01", "2019-01-01", "", "找小王"),
        ("甲局", "乙局", "", "", "", "", "", "", ""),
        ("戊局", "己局", "", "", "", "", "", "", ""),
        ("己局", "戊局", "", "", "", "", "", "", ""),
        ("乙局", "", "", "", "", "", "", "", "x"),
        ("乙局", "", "", "", "", "", "", "", ""),
        ("庚" * 101, "", "", "", "", "", "", "", ""),
        ("辛局", "", "", "", "", "2020-01-01", "2019-01-01", "", ""),
        ("壬局", "没有的县", "", "", "", "", "", "", ""),
    )
    assert {sentence.partition("：")[0] for sentence in told(answer)} == {
        *("第2行“类别”", "第3行“次序”", "第4行“上级单位”", "第5行“上级单位”", "第6行“上级单位”"),
        *("第7行“电话”", "第8行", "第9行“单位名称”", "第10行“撤并日期”", "第11行“上级单位”"),
    }
    assert Organ.objects.count() == count


def test_an_organ_changed_after_the_look_is_pointed_out(bring, other_bureau):
    answer = bring(*ROWS)
    Organ.objects.filter(pk=other_bureau.pk).update(office="别的科室")
    assert "看过以后内容有变动" in confirm(answer).content.decode()
    assert not Organ.objects.filter(name="丙局").exists()


def test_only_who_keeps_organs_brings_them_and_only_theirs(bring, as_user, clerk, steward, bureau, area):
    assert (
        "不是可用的选项" in (page := bring(*ROWS, by=clerk, home=bureau).content.decode()) or "选择" in page
    )
    assert not Upload.objects.exists()
    assert as_user(clerk).get("/sheets/forms/organs/").status_code == 403
    assert as_user(steward).get("/sheets/forms/actions/").status_code == 403
    steward.memberships.update(organ=bureau)
    answer = bring(("单位名称", "上级单位"), ("新站", "乙局"), by=steward, home=bureau)
    assert "第2行“上级单位”" in told(answer)[0]
    confirm(bring(("单位名称",), ("新站",), by=steward, home=bureau))
    assert "新站" in children(bureau)


def test_a_csv_of_another_character_set_is_read(bring, area):
    rows = [["单位名称", "上级单位"], ["丙局", "示范县"]]
    confirm(bring(file=SimpleUploadedFile("表.csv", text(*rows, code="gb18030"))))
    assert children(area)[-1] == "丙局"
