"""Organs brought by a sheet, by those who keep them."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from measures.models import Upload
from measures.resources import waiting
from organs.models import AuditEvent, AuditVerb, Organ
from tests.files import saved_by_office
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


def above(organ):
    """The superior, as it is stored by now."""
    return Organ.objects.get_parent(Organ.objects.get(pk=organ.pk))


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
    answer = bring(file=SimpleUploadedFile("x.xlsx", content))
    assert "一次只导入一张" not in answer.content.decode()  # its second sheet says how it is filled in
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
        ("甲局", "没有的局", "", "", "", "", "", "", ""),
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


def test_units_of_one_name_below_different_superiors_are_kept_apart(bring, area, bureau, other_bureau):
    rows = (
        ("单位名称", "上级单位", "科室"),
        ("办公室", "甲局", "一"),
        ("办公室", "乙局", "二"),
        ("丙局", "示范县", ""),
        ("办公室", "示范县/丙局", "三"),
        ("文印室", "示范县/丙局/办公室", ""),
        ("文印室", "乙局/办公室", ""),
        ("丙局", "乙局", ""),
    )
    answer = bring(*rows)
    assert statuses() == ["new"] * 7
    confirm(answer)
    said = {organ.office: above(organ).name for organ in Organ.objects.filter(name="办公室")}
    assert said == {"一": "甲局", "二": "乙局", "三": "丙局"}
    assert {above(organ).office for organ in Organ.objects.filter(name="文印室")} == {"二", "三"}
    assert {above(organ).name for organ in Organ.objects.filter(name="丙局")} == {"示范县", "乙局"}
    bring(*rows)
    assert statuses() == ["same"] * 7


def test_a_name_that_stands_elsewhere_is_a_new_unit_and_the_page_says_so(bring, bureau, other_bureau):
    answer = bring(("单位名称", "上级单位"), ("甲局", "乙局"))
    assert "同名的单位已有，在示范县下 → 另建一家，在乙局下" in answer.content.decode()
    confirm(answer)
    assert children(other_bureau)[-1] == "甲局"
    assert above(bureau).name == "示范县"


def test_a_superior_that_may_be_two_is_asked_for_by_its_way(bring, as_user, steward, area, bureau):
    confirm(bring(("单位名称", "上级单位"), ("办公室", "甲局"), ("办公室", "乙局")))
    rows = (("单位名称", "上级单位"), ("文印室", "办公室"), ("收发室", "丙局/办公室"), ("办公室", ""))
    answer = bring(*rows)
    assert [sentence.partition("：")[0] for sentence in told(answer)] == [
        *("第2行“上级单位”", "第3行“上级单位”", "第4行“单位名称”"),
    ]
    assert "有2个" in told(answer)[0]
    answer = bring(*rows[:1], ("文印室", "示范县/甲局/办公室"), ("办公室", "甲局"), ("办公室", "甲局"))
    assert told(answer) == ["第4行：与第3行说的是同一个单位，请留下一行。"]
    content = handed_out(as_user(steward), "organs", area)
    bring(file=SimpleUploadedFile("x.xlsx", content))
    assert statuses() == ["same"] * 7


def test_an_organ_that_stands_is_not_moved_by_a_marked_row(bring, as_user, steward, area):
    book = load_workbook(BytesIO(handed_out(as_user(steward), "organs", area)))
    page = book.active
    place = next(row for row in range(2, 7) if page.cell(row, 1).value == "甲局")
    page.cell(place, 2).value = "乙局"
    changed = BytesIO()
    book.save(changed)
    answer = bring(file=SimpleUploadedFile("x.xlsx", changed.getvalue()))
    assert "已有的单位不换上级" in told(answer)[0]


def test_an_organ_changed_after_the_look_is_pointed_out(bring, other_bureau):
    answer = bring(*ROWS)
    Organ.objects.filter(pk=other_bureau.pk).update(office="别的科室")
    assert "看过以后内容有变动" in confirm(answer).content.decode()
    assert not Organ.objects.filter(name="丙局").exists()


def test_only_who_keeps_organs_brings_them_and_only_theirs(bring, as_user, clerk, steward, bureau, area):
    answer = bring(*ROWS, by=clerk, home=bureau)
    assert "选择一个有效的选项。 organs 不在可用的选项中。" in answer.content.decode()
    assert not Upload.objects.exists()
    assert as_user(clerk).get("/sheets/forms/organs/").status_code == 403
    assert as_user(steward).get("/sheets/forms/actions/").status_code == 403
    assert not AuditEvent.objects.filter(verb=AuditVerb.EXPORT).exists()
    handed_out(as_user(steward), "organs", area)
    assert "机关单位导入表" in AuditEvent.objects.get(verb=AuditVerb.EXPORT).note
    steward.memberships.update(organ=bureau)
    answer = bring(("单位名称", "上级单位"), ("新站", "乙局"), by=steward, home=bureau)
    assert "第2行“上级单位”" in told(answer)[0]
    confirm(bring(("单位名称",), ("新站",), by=steward, home=bureau))
    assert "新站" in children(bureau)


def test_a_csv_of_another_character_set_is_read(bring, area):
    rows = [["单位名称", "上级单位"], ["丙局", "示范县"]]
    confirm(bring(file=SimpleUploadedFile("表.csv", text(*rows, code="gb18030"))))
    assert children(area)[-1] == "丙局"


@pytest.mark.office
def test_a_form_saved_as_the_older_kind_of_file_is_read(bring, as_user, steward, area, tmp_path):
    path = tmp_path / "x.xlsx"
    path.write_bytes(handed_out(as_user(steward), "organs", area))
    (saved,) = saved_by_office([path], "xls", tmp_path / "saved")
    bring(file=SimpleUploadedFile("x.xls", saved.read_bytes()))
    assert statuses() == ["same"] * 5
