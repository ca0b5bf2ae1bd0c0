"""What is handed out comes back without a change: as it is, and saved by another program."""

from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from measures.models import Action, Activity, Observation
from measures.resources import waiting
from measures.resources.kinds import KINDS
from measures.resources.known import Known
from measures.resources.organ_sheet import ORGANS
from measures.workflow import Step, advance
from organs.models import Organ, Role
from tests import make
from tests.files import saved_by_office

pytestmark = pytest.mark.django_db
#: Beginnings that spreadsheets take for formulas, line breaks, a name of 60 characters.
UGLY = ("=1+1", "+走访", "-减负", "@全体", "第一行\n第二行", "“双报到”、=走访", "长" * 60)


@pytest.fixture
def handed_out(as_user, clerk, steward, bureau, campaign, pillar):
    """Every list, the ledger and the organs of a bureau with ugly names, by kind and file."""
    Organ.objects.filter(pk=bureau.pk).update(office="=党办", active_from=date(1949, 10, 1))
    people = make.make_metric("受众", "人次")
    share = make.make_metric("知晓率", "%", "ratio", decimals=1)
    for place, title in enumerate(UGLY):
        heading = make.make_pillar(bureau, campaign, f"{title}抓创建"[:60])
        line = make.make_action(
            heading, title, start_day=date(2021, 1, 1), due_day=date(2021, 2, 28), progress=f"{title}\n一半"
        )
        if not place:  # two lines under one heading, which the ledger merges
            make.make_action(heading, "同一支柱的另一项")
        make.make_activity(line, date(2021, 2, 28), title, attended=7 + place, note=title)
        make.make_honour(bureau, title, streak_years=place + 2)
    before = make.make_campaign(bureau, "上一届", [bureau], year=2020)
    again = make.make_pillar(bureau, before, f"{UGLY[0]}抓创建")  # heading and line of the year before
    held = make.make_action(again, UGLY[0])
    make.make_activity(held, date(2020, 2, 28), UGLY[0])
    for quarter, said in enumerate(("1.2万余", "2000以上", "近百", "0"), 1):
        period = f"2021Q{quarter}"
        make.make_observation(people, bureau, said, period, actions=[line], pillar=heading, phrase=f"={said}")
    for quarter, said in enumerate(("0.956%", "95.6", "95以上", "100"), 1):
        make.make_observation(share, bureau, said, f"2021Q{quarter}", state="draft", remark=UGLY[quarter])
    make.make_target(people, bureau, campaign, "2000以上", baseline="近百")
    make.make_target(share, bureau, campaign, "95.6%以上", baseline="38.9")
    client, files = as_user(clerk), []
    for kind in KINDS.values():
        files.append((kind.name, f"/admin/measures/{kind.model._meta.model_name}/export/"))
    files.append(("actions", f"/sheets/ledgers/{bureau.pk}/?campaign={campaign.pk}"))
    found = [(kind, b"".join(client.get(url).streaming_content)) for kind, url in files]
    client = as_user(steward)
    return [*found, (ORGANS.name, b"".join(client.get("/sheets/forms/organs/").streaming_content))]


def written(book):
    """The bytes of a spreadsheet."""
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def changes(kind, content, by, home):
    """The rows that are not the same as what is stored, in words; and how many are."""
    upload = waiting.wait(content, name="表.xlsx", kind=kind, home=home, by=by)
    entries = waiting.looked_at(upload).entries
    others = [(*e.sentences, *e.differences, str(e.status)) for e in entries if e.status != "same"]
    return others, len(entries) - len(others)


#: Actions, activities, figures, targets, honours, the ledger of the campaign, organs.
COUNTS = [9, 8, 8, 2, 7, 8, 5]


def test_what_is_handed_out_comes_back_without_a_change(handed_out, clerk, steward, bureau):
    for (kind, content), count in zip(handed_out, COUNTS, strict=True):
        by = steward if kind == ORGANS.name else clerk
        assert changes(kind, content, by, bureau) == ([], count), kind


def test_units_of_one_name_come_back_each_as_its_own(as_user, bureau, unit, area, campaign):
    by = make.make_member(Role.CLERK, bureau, with_below=True)
    offices = [make.make_organ("办公室", above) for above in (bureau, unit)]
    for office in offices:
        make.make_honour(office, "先进集体")
    url = "/admin/measures/honour/export/"
    content = b"".join(as_user(by).get(url).streaming_content)
    assert changes("honours", content, by, bureau) == ([], 2)
    said = Known(by).organs.said
    assert [name for name in said if "办公室" in name] == ["甲局所属中心/办公室", "甲局/办公室"]


def test_what_was_retracted_or_corrected_is_neither_handed_out_nor_made_anew(
    as_user, clerk, second_clerk, reviewer, bureau
):
    metric = make.make_metric("受众", "人次")
    wrong, old = (make.make_observation(metric, bureau, "100", period) for period in ("2020", "2021"))
    url = "/admin/measures/observation/export/"
    before = b"".join(as_user(clerk).get(url).streaming_content)
    advance(wrong, Step.RETRACT, by=reviewer, note="重复填报")
    new = make.corrected(old, by=second_clerk, remark="核过")
    make.approve(new, by=second_clerk, reviewer=reviewer)
    after = b"".join(as_user(clerk).get(url).streaming_content)
    assert changes("observations", after, clerk, bureau) == ([], 1)
    assert load_workbook(BytesIO(after)).active["A2"].value.endswith("；已撤销、已更正的2行没有列出")
    ((said, status),), same = changes("observations", before, clerk, bureau)
    assert "“系统标记”：这个标记的那一条已撤销" in said
    assert (status, same) == ("refused", 1)


def test_lines_of_one_name_are_told_apart_by_the_year_of_the_row(as_user, clerk, bureau, campaign, pillar):
    metric, lines = make.make_metric("受众", "人次"), {2021: make.make_action(pillar, "宣讲")}
    for year in (2022, 2023):
        after = make.make_campaign(bureau, f"{year}年", [bureau], year=year)
        lines[year] = make.make_action(make.make_pillar(bureau, after, pillar.heading), "宣讲")
    for kind, cells in (
        ("activities", {"B": "宣讲", "C": "{}-03-05", "D": "一场"}),
        ("observations", {"B": "受众", "D": "{}年", "E": "56", "J": "宣讲"}),
    ):
        url = f"/sheets/forms/{kind}/?home={bureau.pk}"
        book = load_workbook(BytesIO(b"".join(as_user(clerk).get(url).streaming_content)))
        for row, year in enumerate(lines, 2):
            for column, said in cells.items():
                book.active[f"{column}{row}"] = said.format(year)
        upload = waiting.wait(written(book), name="表.xlsx", kind=kind, home=bureau, by=clerk)
        waiting.take(upload, waiting.looked_at(upload).token)
    assert list(Activity.objects.order_by("day").values_list("action", flat=True)) == [
        line.pk for line in lines.values()
    ]
    assert {row.period.start.year: row.actions.get() for row in metric.observations.all()} == lines


def test_a_line_goes_below_the_heading_of_this_year(clerk, bureau, campaign):
    this = timezone.localdate().year
    for year in (this - 1, this, this + 1):
        make.make_pillar(bureau, make.make_campaign(bureau, "", [bureau], year=year), "抓创建")
    make.make_kind("学习教育")
    book = Workbook()
    book.active.append(("创建支柱", "举措", "类别"))
    book.active.append(("抓创建", "宣讲", "学习教育"))
    upload = waiting.wait(written(book), name="表.xlsx", kind="actions", home=bureau, by=clerk)
    waiting.take(upload, waiting.looked_at(upload).token)
    assert Action.objects.get().pillar.campaign.first_day.year == this


def test_a_share_of_which_only_its_parts_are_filled_in_is_not_left_out(clerk, bureau):
    make.make_metric("知晓率", "%", "ratio")
    book = Workbook()
    book.active.append(("成效指标", "期间", "数值", "分子", "分母"))
    book.active.append(("知晓率", "2021年", None, 950, 1000))
    (said, _), *_ = changes("observations", written(book), clerk, bureau)[0]
    assert said == "第2行“数值”：这一格是空的，请填写。"


def test_a_campaign_goes_by_every_year_that_is_its_own(bureau, clerk):
    long = make.make_campaign(bureau, "七年", [bureau], year=2020, last_day=date(2026, 12, 31))
    short = make.make_campaign(bureau, "一年", [bureau], year=2024)
    named = Known(clerk, bureau).campaigns
    assert [named.one(said) for said in ("2026", "2020年", "2023年度", "2024")] == [long, long, long, short]


def test_units_under_a_head_that_means_organs_are_units(clerk, bureau):
    make.make_metric("投入", "万元")
    make.make_unit("元")
    book = Workbook()
    for row in (("指标名称", "单位", "期间", "完成数"), ("投入", "元", "2021年", 22299)):
        book.active.append(row)
    upload = waiting.wait(written(book), name="表.xlsx", kind="observations", home=bureau, by=clerk)
    waiting.take(upload, waiting.looked_at(upload).token)
    row = Observation.objects.get()
    assert (row.organ, str(row.quantity)) == (bureau, "22299元")


def test_what_counts_at_once_is_not_called_a_draft(as_user, clerk, bureau, pillar):
    make.make_action(pillar, "宣讲")
    kind = make.make_kind("学习教育").name
    book, rows = Workbook(), (("宣讲", kind, "做完了"), ("走访", kind, "刚开始"))
    book.active.append(("创建支柱", "举措", "类别", "进展"))
    for row, told in zip(rows, ("修改1条，已经生效。", "新增1条草稿，请核对后报审。"), strict=True):
        book.active.append((pillar.heading, *row))
        upload = waiting.wait(written(book), name="表.xlsx", kind="actions", home=bureau, by=clerk)
        address, client = f"/sheets/{upload.pk}/", as_user(clerk)
        assert ("存为草稿" in client.get(address).content.decode()) is ("草稿" in told)
        sent = {"token": waiting.looked_at(upload).token}
        assert told in client.post(address, sent, follow=True).content.decode()


@pytest.mark.office
def test_what_another_program_has_saved_comes_back_without_a_change(
    handed_out, clerk, steward, bureau, tmp_path: Path
):
    paths = [tmp_path / f"{place}.xlsx" for place in range(len(handed_out))]
    for path, (_, content) in zip(paths, handed_out, strict=True):
        path.write_bytes(content)
    saved_paths = saved_by_office(paths, "xlsx", tmp_path / "saved")
    for path, (kind, content), count in zip(saved_paths, handed_out, COUNTS, strict=True):
        saved = path.read_bytes()
        assert saved != content
        by = steward if kind == ORGANS.name else clerk
        assert changes(kind, saved, by, bureau) == ([], count), (kind, path.name)


def test_a_sign_that_no_sheet_can_hold_stops_no_empty_form(as_user, clerk, bureau, pillar):
    pillar.heading = "四、抓作风\x0b强效能"
    pillar.save()
    make.make_metric("走访\x0b次数", "次")
    client = as_user(clerk)
    for kind in ("actions", "activities", "observations", "targets", "honours"):
        assert client.get(f"/sheets/forms/{kind}/?home={bureau.pk}").status_code == 200
