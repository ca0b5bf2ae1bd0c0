"""Words of leaders (批示): given, answered, asked again, settled; read on both sides and by nobody else."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from measures.instructing import open_moves, take
from measures.models import Instruction, Turn
from measures.rollups import waiting_for
from organs.models import AuditEvent, AuditVerb, Role
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(pillar):
    return make.make_action(pillar, "公共卫生委员会全覆盖")


@pytest.fixture
def words(line, leader):
    return make.make_instruction(line.organ, "请月底前补齐佐证", by=leader, action=line)


def test_a_leader_asks_the_clerk_answers_the_leader_settles(as_user, leader, clerk, line) -> None:
    page = make.page(as_user, leader, f"/actions/{line.pk}/")
    assert f"/instructions/actions/{line.pk}/" in page
    sent = {"words": "请月底前补齐佐证", "due_day": f"{timezone.localdate() + timedelta(days=3)}"}
    as_user(leader).post(f"/instructions/actions/{line.pk}/", sent)
    row = Instruction.objects.get()
    address = f"/instructions/{row.pk}/"
    assert "请月底前补齐佐证" in make.page(as_user, clerk, f"/actions/{line.pk}/")
    assert [found.url for found in waiting_for(clerk)] == [address]
    as_user(clerk).post(address, {"verb": "answer", "words": "已补齐"})
    assert (list(waiting_for(clerk)), [found.url for found in waiting_for(leader)]) == ([], [address])
    as_user(leader).post(address, {"verb": "settle"})
    row.refresh_from_db()
    assert (row.stage, list(waiting_for(leader))) == ("settled", [])
    verbs = AuditEvent.objects.filter(organ_id=line.organ_id, target_type="measures.instruction")
    assert list(verbs.order_by("pk").values_list("verb", flat=True)) == ["instruct", "answer", "settle"]


def test_what_was_settled_is_asked_again_with_words(words, leader, clerk) -> None:
    take(words, AuditVerb.SETTLE, by=leader)
    with pytest.raises(ValidationError, match="还要办什么"):
        take(words, AuditVerb.ASK_AGAIN, by=leader)
    take(words, AuditVerb.ASK_AGAIN, by=leader, words="还差两个村")
    assert words.stage == "open"
    assert [move.verb for move in open_moves(words, by=clerk)] == [AuditVerb.ANSWER]


def test_nobody_answers_what_they_have_not_read_or_may_not(words, clerk, reviewer, leader) -> None:
    seen = words.changed_at
    take(words, AuditVerb.ANSWER, by=clerk, words="已办", seen=seen)
    with pytest.raises(ValidationError, match="刚才有人办过"):
        take(words, AuditVerb.SETTLE, by=leader, seen=seen)
    for person in (reviewer, clerk):
        with pytest.raises(PermissionDenied):
            take(words, AuditVerb.SETTLE, by=person)
    assert Turn.objects.count() == 1


def test_another_leader_settles_only_when_the_first_is_gone(words, bureau, leader) -> None:
    other = make.make_member(Role.LEADER, bureau, "本局领导")
    with pytest.raises(ValidationError, match="由本人办理"):
        take(words, AuditVerb.SETTLE, by=other)
    leader.memberships.update(last_day=date(2021, 1, 1))
    words = Instruction.objects.get()
    take(words, AuditVerb.SETTLE, by=other)
    assert words.stage == "settled"


def test_a_refused_answer_keeps_what_was_typed(as_user, words, clerk) -> None:
    take(Instruction.objects.get(), AuditVerb.ANSWER, by=clerk, words="已办")
    sent = {"verb": "answer", "words": "我写了很多", "seen": words.changed_at.isoformat()}
    page = as_user(clerk).post(f"/instructions/{words.pk}/", sent).content.decode()
    assert "刚才有人办过" in page
    assert "我写了很多" in page


def test_words_on_a_figure_outlive_its_correction(as_user, bureau, clerk, reviewer, leader) -> None:
    metric = make.make_metric("宣讲受众", "人次")
    figure = make.make_observation(metric, bureau, "100")
    as_user(leader).post(f"/instructions/figures/{metric.pk}/{bureau.pk}/", {"words": "这个数请核实"})
    draft = make.corrected(figure, by=clerk, phrase="核实为100人次")
    make.approve(draft, by=clerk, reviewer=reviewer)
    assert "这个数请核实" in make.page(as_user, leader, f"/figures/{metric.pk}/{bureau.pk}/2021/")


def test_words_on_a_line_go_over_to_its_correction(words, line, clerk, reviewer) -> None:
    new = make.corrected(line, by=clerk, title="公共卫生委员会全部建成")
    make.approve(new, by=clerk, reviewer=reviewer)
    words.refresh_from_db()
    assert words.action == new


def test_a_joint_organ_and_an_outsider_read_nothing(
    as_user, pillar, other_bureau, other_clerk, leader
) -> None:
    line = make.make_action(pillar, "联合宣讲", joint=[other_bureau])
    make.make_instruction(line.organ, "只给主办单位", by=leader, action=line)
    assert "只给主办单位" not in make.page(as_user, other_clerk, f"/actions/{line.pk}/")
    assert "只给主办单位" not in make.page(as_user, other_clerk, "/instructions/")


def test_what_is_open_stands_first_and_what_is_late_names_the_office(as_user, bureau, line, leader) -> None:
    bureau.office, bureau.telephone = "机关党办", "0914-3320000"
    bureau.save()
    about = {"by": leader, "action": line}
    make.make_instruction(bureau, "已经办好的", stage="settled", **about)
    make.make_instruction(bureau, "早该答复的", due_day=date(2021, 1, 1), **about)
    page = make.page(as_user, leader, "/instructions/")
    assert page.index("早该答复的") < page.index("已经办好的")
    assert "逾期待答复" in page
    assert "机关党办 0914-3320000" in page


def test_bad_words_are_told_beside_the_field(as_user, leader, line) -> None:
    sent = {"words": "", "due_day": "2021-01-01"}
    page = as_user(leader).post(f"/instructions/actions/{line.pk}/", sent).content.decode()
    assert "请写批示内容。" in page
    assert "不能早于今天" in page
    long = as_user(leader).post(f"/instructions/actions/{line.pk}/", {"words": "长" * 501}).content.decode()
    assert "最多写500个字" in long
    assert not Instruction.objects.exists()


def test_words_are_about_exactly_one_thing(line, leader) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make.make_instruction(line.organ, by=leader)


def test_the_list_costs_the_same_for_3_and_30(as_user, leader, line) -> None:
    counts = []
    for number in (3, 27):
        for _ in range(number):
            row = make.make_instruction(line.organ, by=leader, action=line)
            Turn.objects.create(instruction=row, verb="answer", words="已办", by=leader)
        client = as_user(leader)
        client.get("/")  # what is kept of the tree
        with CaptureQueriesContext(connection) as asked:
            client.get("/instructions/")
        counts.append(len(asked))
    assert counts[0] == counts[1]
