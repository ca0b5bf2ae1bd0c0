"""Evidence in the admin: several files at once, what they prove, what is pointed out, and what is refused."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import reverse

from measures.models import Evidence, EvidenceLink, Reviewed
from organs.models import AuditEvent, AuditVerb, Organ, User
from tests import make
from tests.conftest import Tree
from tests.files import office_file, pdf_file, picture

SignIn = Callable[[User | None], Client]
ADD = reverse("admin:measures_evidence_add")
BAD = SimpleUploadedFile("病毒.exe", b"MZ")
ONE_LINK = {"links-TOTAL_FORMS": 1, "links-INITIAL_FORMS": 0}


def page(row: Any) -> str:
    return reverse(f"admin:measures_{row._meta.model_name}_change", args=(row.pk,))


def shown(response: HttpResponse) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def sent(organ: Organ, *files: Any, **more: Any) -> dict[str, Any]:
    """What the page sends; a name stands for a PDF of that name, which holds nothing else."""
    pdfs = [SimpleUploadedFile(f"{f}.pdf", pdf_file(f)) if isinstance(f, str) else f for f in files]
    return {"organ": organ.pk, "kind": "document", "file": pdfs, **ONE_LINK, **more}


@pytest.fixture
def rows(tree: Tree) -> dict[str, Reviewed]:
    """A draft of each kind that evidence proves."""
    action = make.make_action(make.make_pillar(tree.bureau, tree.campaign), state="draft")
    return {
        "action": action,
        "activity": make.make_activity(action, state="draft"),
        "observation": make.make_observation(make.make_metric(), tree.bureau, state="draft"),
        "honour": make.make_honour(tree.bureau, state="draft"),
    }


@pytest.mark.parametrize("what", ["action", "activity", "observation", "honour"])
def test_evidence_is_uploaded_from_the_page_of_what_it_proves(
    what: str, rows: dict[str, Reviewed], clerk: User, bureau: Organ, as_user: SignIn
) -> None:
    row, client = rows[what], as_user(clerk)
    address = f"{ADD}?{what}={row.pk}"
    assert address in shown(client.get(page(row)))
    html = shown(client.get(address))
    assert f'<option value="{row.pk}" selected' in html
    assert f'<option value="{bureau.pk}" selected' in html
    assert "不得上传涉密材料" in html
    response = client.post(address, sent(bureau, "签到表", **{f"links-0-{what}": row.pk}))
    assert response.url == page(row)
    link = EvidenceLink.objects.get()
    assert (link.proven, link.by, link.evidence.caption) == (row, clerk, "签到表")
    assert "签到表" in shown(client.get(page(row)))


def test_a_row_is_proved_by_hand_too(clerk: User, bureau: Organ, as_user: SignIn) -> None:
    honour = make.make_honour(bureau, approved=False)
    photo = SimpleUploadedFile("奖牌.jpg", picture("JPEG"))
    as_user(clerk).post(ADD, sent(bureau, photo, caption="奖牌照片", **{"links-0-honour": honour.pk}))
    row, link = Evidence.objects.get(), EvidenceLink.objects.get()
    assert (row.uploaded_by, row.content_type, row.caption) == (clerk, "image/jpeg", "奖牌照片")
    assert (link.by, link.proven) == (clerk, honour)
    assert "奖牌.jpg" in shown(as_user(clerk).get(page(row)))


def test_several_files_prove_the_same_row_each_under_its_name(
    clerk: User, bureau: Organ, as_user: SignIn
) -> None:
    honour = make.make_honour(bureau, approved=False)
    as_user(clerk).post(ADD, sent(bureau, "通知", "签到表", **{"links-0-honour": honour.pk}))
    assert {(link.evidence.caption, link.proven) for link in EvidenceLink.objects.all()} == {
        ("通知", honour),
        ("签到表", honour),
    }
    deeds = AuditEvent.objects.filter(verb=AuditVerb.CREATE, target_type__contains="evidence")
    assert deeds.count() == 4
    as_user(clerk).post(ADD, sent(bureau, "甲", "乙", caption="会议照片"))
    assert {"会议照片（1）", "会议照片（2）"} <= set(Evidence.objects.values_list("caption", flat=True))


def test_the_kind_is_that_of_each_file_unless_one_is_chosen(
    clerk: User, bureau: Organ, as_user: SignIn
) -> None:
    files = [
        "通知",
        SimpleUploadedFile("现场.jpg", picture("JPEG")),
        SimpleUploadedFile("签到.xlsx", office_file("xlsx")),
    ]
    as_user(clerk).post(ADD, sent(bureau, *files, kind=""))
    assert dict(Evidence.objects.values_list("caption", "kind")) == {
        "通知": "document",
        "现场": "photo",
        "签到": "sheet",
    }
    as_user(clerk).post(
        ADD, sent(bureau, SimpleUploadedFile("奖牌.jpg", picture("JPEG")), kind="certificate")
    )
    assert Evidence.objects.get(caption="奖牌").kind == "certificate"


def test_one_bad_file_does_not_cost_the_good_ones(clerk: User, bureau: Organ, as_user: SignIn) -> None:
    html = shown(as_user(clerk).post(ADD, sent(bureau, "通知", BAD, "签到表"), follow=True))
    assert set(Evidence.objects.values_list("caption", flat=True)) == {"通知", "签到表"}
    assert "“病毒.exe”没有收：只收PDF" in html
    assert "已上传2份佐证" in html


def test_a_refused_upload_keeps_what_was_typed_and_says_that_files_are_to_be_chosen_again(
    clerk: User, bureau: Organ, as_user: SignIn
) -> None:
    for wrong in (
        sent(bureau, BAD, caption="奖牌照片"),
        sent(bureau, "甲", caption="奖牌照片", day="前几天"),
        sent(bureau, caption="奖牌照片"),
        sent(bureau, "甲", caption="奖牌照片", **{"links-0-honour": 999_999}),
    ):
        html = shown(as_user(clerk).post(ADD, wrong))
        assert "文件需要重新选择" in html
        assert 'value="奖牌照片"' in html
    assert not Evidence.objects.exists()


@override_settings(EVIDENCE_MAX_FILES=2)
def test_only_so_many_files_at_once(clerk: User, bureau: Organ, as_user: SignIn) -> None:
    assert "一次最多传2份" in shown(as_user(clerk).post(ADD, sent(bureau, "甲", "乙", "丙")))


def test_a_file_that_proves_nothing_is_pointed_out(clerk: User, bureau: Organ, as_user: SignIn) -> None:
    client = as_user(clerk)
    assert "还没有关联" in shown(client.post(ADD, sent(bureau, "通知"), follow=True))
    assert "还没有关联" in shown(client.get(page(Evidence.objects.get())))
    make.make_link(Evidence.objects.get(), honour=make.make_honour(bureau))
    for address in (reverse("admin:measures_evidence_changelist"), page(Evidence.objects.get())):
        assert "还没有关联" not in shown(client.get(address))


def test_the_same_file_is_pointed_out_with_where_and_taken_all_the_same(
    clerk: User, bureau: Organ, as_user: SignIn
) -> None:
    first, second = (make.make_honour(bureau, title, approved=False) for title in ("文明单位", "平安单位"))
    client, photo = as_user(clerk), picture("JPEG", size=(50, 50), noise=True)

    def upload(content: bytes, honour: Reviewed) -> str:
        file = SimpleUploadedFile("照片.jpg", content)
        return shown(client.post(ADD, sent(bureau, file, **{"links-0-honour": honour.pk}), follow=True))

    assert "用过" not in upload(photo, first)
    assert "“照片.jpg”这份文件已在荣誉“文明单位”用过" in upload(photo, second)
    kept = Evidence.objects.earliest("pk").file.read()
    assert "用过" in upload(kept, second)  # fetched from here and uploaded again
    assert "同一文件也用于荣誉“文明单位”" in shown(client.get(page(second)))
    newest = Evidence.objects.latest("pk")
    assert "同一份文件也用于荣誉“平安单位”、荣誉“文明单位”" in shown(client.get(page(newest)))


def test_the_same_file_of_another_bureau_is_not_told(
    tree: Tree, clerk: User, other_clerk: User, as_user: SignIn
) -> None:
    theirs = make.make_honour(tree.other_bureau, "乙局的荣誉")
    as_user(other_clerk).post(ADD, sent(tree.other_bureau, "通知", **{"links-0-honour": theirs.pk}))
    html = shown(as_user(clerk).post(ADD, sent(tree.bureau, "通知"), follow=True))
    assert Evidence.objects.count() == 2
    assert "用过" not in html
    assert "乙局" not in shown(as_user(clerk).get(page(Evidence.objects.get(organ=tree.bureau))))


def test_nobody_is_offered_a_row_of_another_bureau(tree: Tree, clerk: User, as_user: SignIn) -> None:
    theirs = make.make_honour(tree.other_bureau, "乙局的荣誉")
    html = shown(as_user(clerk).get(f"{ADD}?honour={theirs.pk}"))
    assert "乙局的荣誉" not in html
    wrong = sent(tree.bureau, "通知", **{"links-0-honour": theirs.pk})
    shown(as_user(clerk).post(f"{ADD}?honour={theirs.pk}", wrong))
    assert not Evidence.objects.exists()


@pytest.mark.parametrize(
    "query", ["honour=abc", "honour=-1", "honour=", "organ=x&action=9" * 3, "honour=1&honour=2"]
)
def test_nonsense_in_the_address_gives_the_empty_page(
    query: str, bureau: Organ, clerk: User, as_user: SignIn
) -> None:
    html = shown(as_user(clerk).get(f"{ADD}?{query}"))
    assert 'name="file"' in html
    assert set(re.findall('<option value="([0-9]+)" selected', html)) <= {str(bureau.pk)}


def test_proof_added_after_approval_says_so(clerk: User, bureau: Organ, as_user: SignIn) -> None:
    honour = make.make_honour(bureau)
    address = f"{ADD}?honour={honour.pk}"
    html = shown(
        as_user(clerk).post(address, sent(bureau, "通知", **{"links-0-honour": honour.pk}), follow=True)
    )
    assert "已注明“审核后补充”" in html
    for shows in (page(honour), page(Evidence.objects.get()), reverse("honour", args=(honour.pk,))):
        assert "审核后补充" in shown(as_user(clerk).get(shows)), shows


def test_proof_is_not_taken_from_an_approved_row(clerk: User, bureau: Organ, as_user: SignIn) -> None:
    evidence = make.make_evidence(bureau, by=clerk)
    link = make.make_link(evidence, honour=make.make_honour(bureau))
    deleting = {
        "caption": "签到表",
        "kind": "document",
        "links-TOTAL_FORMS": 1,
        "links-INITIAL_FORMS": 1,
        "links-0-id": link.pk,
        "links-0-evidence": evidence.pk,
        "links-0-DELETE": "on",
    }
    assert "佐证不能再撤下" in shown(as_user(clerk).post(page(evidence), deleting))
    as_user(clerk).post(reverse("admin:measures_evidence_delete", args=(evidence.pk,)), {"post": "yes"})
    assert EvidenceLink.objects.exists()


def test_what_is_said_of_proof_of_an_approved_row_is_only_read(
    clerk: User, bureau: Organ, as_user: SignIn
) -> None:
    proving, free = (make.make_evidence(bureau, by=clerk) for _ in range(2))
    make.make_link(proving, honour=make.make_honour(bureau))
    make.make_link(free, honour=make.make_honour(bureau, state="draft"))
    locked, still_open = (shown(as_user(clerk).get(page(row))) for row in (proving, free))
    assert "已经审核" in locked
    assert not re.search(r'name="(caption|kind|document_number|day)"', locked)
    assert 'name="caption"' in still_open
    as_user(clerk).post(
        page(proving), {"caption": "别的", "kind": "photo", **ONE_LINK, "links-TOTAL_FORMS": 0}
    )
    proving.refresh_from_db()
    assert (proving.caption, proving.kind) == ("签到表", "document")


def test_evidence_of_a_draft_is_deleted_with_its_links(clerk: User, bureau: Organ, as_user: SignIn) -> None:
    evidence = make.make_evidence(bureau, by=clerk)
    make.make_link(evidence, honour=make.make_honour(bureau, state="draft"))
    address = reverse("admin:measures_evidence_delete", args=(evidence.pk,))
    assert as_user(clerk).post(address, {"post": "yes"}).status_code == 302
    assert not Evidence.objects.exists()
    assert AuditEvent.objects.filter(verb=AuditVerb.DELETE).count() == 2


def test_a_personal_number_in_the_name_of_a_file_is_pointed_out(
    clerk: User, bureau: Organ, as_user: SignIn
) -> None:
    html = shown(as_user(clerk).post(ADD, sent(bureau, "王某13800138000"), follow=True))
    assert "文件名”里像是有身份证号或手机号" in html
