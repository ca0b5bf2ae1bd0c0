import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from io import StringIO
from itertools import pairwise
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import override_settings
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from measures.management.commands.load_demo import give_passwords, why_refused
from measures.management.demo_loader import MARK
from measures.models import Action, Activity, Evidence, Honour, Observation, Pillar, ReviewState, Target
from measures.progress import Direction, Standing, Verdict, action_standing, assess
from measures.quantity import Quantity
from organs.models import AuditEvent, AuditVerb, Role, User
from tests.demonstration import Demonstration, working_in

pytestmark = pytest.mark.django_db
REAL = ("乳源县卫生健康局", "丹凤县卫生健康局")


@pytest.fixture(scope="module")
def folder(demonstration: Demonstration, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the demonstration, as a copy to work with."""
    return shutil.copytree(demonstration.folder, tmp_path_factory.mktemp("data") / "demonstration")


@pytest.fixture(scope="module", autouse=True)
def loaded(demonstration: Demonstration, folder: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Django works in a copy of the demonstration; gives what the command printed."""
    copy = f"{demonstration.database}_copy"
    settings = override_settings(DEMO=True, DATA_DIR=folder, MEDIA_ROOT=folder / "files")
    with django_db_blocker.unblock(), settings:
        demonstration.copy(copy)
        with working_in(copy):
            yield demonstration.said


def one(metric: str, organ: str = "丹凤县卫生健康局") -> Observation:
    return Observation.objects.get(metric__name=metric, organ__name=organ)


def rows() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def test_all_that_the_two_reports_say_is_in_the_ledger_and_approved() -> None:
    assert Pillar.objects.filter(organ__name__in=REAL).count() == 9
    assert Action.objects.current().filter(organ__name__in=REAL).count() == 65
    assert Observation.objects.current().filter(organ__name__in=REAL).count() == 40
    assert Honour.objects.current().filter(organ__name__in=REAL).count() == 8
    for model in (Action, Observation, Honour, Target):
        assert not model.objects.open().filter(organ__name__in=REAL).exists()


def test_one_number_for_two_names_makes_two_observations_with_one_phrase() -> None:
    figures = set(
        Observation.objects.filter(organ__name__in=REAL).values_list("organ", "phrase", "quantity_words")
    )
    both = [one("“一站式”结算覆盖率"), one("“一站式”结算率")]
    assert len(figures) == 39
    assert {row.phrase for row in both} == {"覆盖率、结算率均达到了100%"}
    assert {row.quantity.amount for row in both} == {Decimal(100)}


def test_every_figure_of_a_report_is_what_its_words_parse_to_and_its_phrase_holds_them() -> None:
    for row in Observation.objects.filter(organ__name__in=REAL).select_related("metric__unit"):
        metric = row.metric
        assert row.quantity == Quantity.parse(
            row.quantity.words, metric.unit.spec, minimum=metric.minimum, maximum=metric.maximum
        )
        assert row.quantity.words in row.phrase


@pytest.mark.parametrize(
    ("organ", "metric", "low", "high", "period"),
    [
        (0, "组建公共卫生委员会的村（社区）", 116, 116, "2021"),
        (0, "公共卫生委员会全覆盖在韶关市各县的位次", 1, 1, "2021"),
        (0, "引进卫生人才", 51, 59, "20200101-20211231"),
        (0, "支援广州核酸采样和流调的人员", 41, 49, "2021"),
        (0, "完善的局机关管理制度", 11, 19, "2021"),
        (1, "局党组理论学习中心组学习会", 56, 56, "2020"),
        (1, "宣讲受众", 1401, 1499, "2020"),
        (1, "递交《请战书》的党员干部职工", 1501, 1599, "2020"),
        (1, "申请加入医院志愿服务队的人员", 201, 299, "2020"),
        (1, "贫困人口健康扶贫政策知晓率", 95, 100, "2020"),
        (1, "党员缴纳特殊党费总额", 22299, 22299, "2020"),
    ],
)
def test_a_figure_of_a_report_may_be_what_it_says(
    organ: int, metric: str, low: int, high: int, period: str
) -> None:
    row = one(metric, REAL[organ])
    assert (row.quantity.low, row.quantity.high, row.period.key) == (low, high, period)


def test_the_change_has_its_baseline_and_no_target() -> None:
    target = Target.objects.get(organ__name="丹凤县卫生健康局")
    assert (target.metric.name, target.baseline.words, target.value) == ("因病致贫率", "38.9%", None)
    assert one("因病致贫率").quantity.words == "25.6%"


def test_households_and_persons_are_a_pair_and_parts_belong_to_their_whole() -> None:
    households = one("贫困人口家庭医生慢病签约户数")
    assert households.metric.pair == one("贫困人口家庭医生慢病签约人数").metric
    parts = one("递交《请战书》的党员干部职工").metric.parts.all()
    assert {one(part.name).quantity.words for part in parts} == {"65人", "45人", "200余人"}
    assert all(part.parts_overlap for part in parts)


def test_seven_results_stand_under_their_pillar_without_an_action() -> None:
    apart = Observation.objects.filter(organ__name__in=REAL, actions=None)
    words = {"100%", "96.9%", "19425户", "65564人", "95%以上", "25.6%", "155个"}
    assert set(apart.values_list("quantity_words", flat=True)) == words
    assert set(apart.values_list("pillar__heading", flat=True)) == {"着力党建与业务深度融合抓创建"}


def test_honours_keep_their_streaks_and_unknown_issuers_stay_blank() -> None:
    honours = Honour.objects.filter(organ__name__in=REAL)
    assert sorted(h.streak_years for h in honours if h.streak_years) == [2, 3]
    assert honours.filter(issuer="").count() == 5


def test_no_activity_of_a_real_bureau_is_invented() -> None:
    assert not Activity.objects.filter(organ__name__in=REAL).exists()
    assert Activity.objects.filter(organ__name="示例局").exists()


def test_the_made_up_bureau_shows_every_review_state_and_standing() -> None:
    actions = Action.objects.filter(organ__name="示例局")
    assert {row.state for row in actions} == set(ReviewState.values)
    assert {row.state for row in Observation.objects.filter(organ__name="示例局")} == set(ReviewState.values)
    standings = {
        action_standing(
            start=row.start_day,
            due=row.due_day,
            closed_on=row.closed_on if row.is_closed else None,
            started=bool(row.progress),
            today=timezone.localdate(),
            over=row.pillar.campaign.closed,
        )
        for row in actions.current().select_related("pillar__campaign")
    }
    assert standings == set(Standing)


def test_the_made_up_bureau_shows_every_verdict_on_a_target() -> None:
    found = set()
    for target in Target.objects.current().filter(organ__name="示例局"):
        rows = Observation.objects.current().filter(metric=target.metric, organ=target.organ)
        latest = rows.order_by("period_days").last()
        progress = assess(
            latest and latest.quantity, target.value, target.baseline, Direction(target.metric.direction)
        )
        found.add("倒退" if progress.regressed else progress.verdict)
    assert found == {Verdict.MET, Verdict.MAYBE, Verdict.NOT_MET, Verdict.NO_DATA, "倒退"}


def test_the_made_up_bureau_shows_counting_corrections_and_absence() -> None:
    figures = Observation.objects.filter(organ__name="示例局")
    assert figures.filter(source="counted", activities__also_serves__isnull=False).exists()
    assert figures.filter(quantity_words="38人次以上").exists()
    assert figures.current().filter(version=2, reason="两份文件重复登记").exists()
    assert Target.objects.current().filter(version=2).exists()
    assert {row.presence for row in figures} == {"value", "nil", "not_applicable"}
    months = list(figures.current().filter(metric__name="机关月发文量").order_by("period_days"))
    assert len(months) >= 6
    assert any(a.period.end < b.period.start for a, b in pairwise(months))


def test_evidence_is_what_its_row_says() -> None:
    found = list(Evidence.objects.all())
    assert found
    for evidence in found:
        content = evidence.file.read()
        assert (len(content), sha256(content).hexdigest()) == (evidence.size, evidence.sha256)


def test_every_event_says_what_was_stored_and_the_chains_hold(tmp_path: Path) -> None:
    silent = AuditEvent.objects.filter(verb=AuditVerb.CREATE, after="").exclude(note__startswith=MARK)
    assert not silent.exists()
    call_command("verify_audit", file=tmp_path / "none", stdout=StringIO())


def test_a_second_load_changes_nothing_and_leaves_what_people_changed(folder: Path) -> None:
    User.objects.filter(username="leader").update(name="换了名字")
    Action.objects.filter(title="编印便民服务指南").delete()
    before, kept = rows(), (folder / "accounts.json").read_text()
    said = StringIO()
    call_command("load_demo", stdout=said)
    assert rows() == before
    assert (folder / "accounts.json").read_text() == kept
    assert User.objects.get(username="leader").name == "换了名字"
    assert "没有改动" in said.getvalue()
    assert all(password in said.getvalue() for password in json.loads(kept).values())


def test_each_role_has_an_account_whose_password_is_printed(loaded: str, folder: Path) -> None:
    path = folder / "accounts.json"
    assert path.stat().st_mode & 0o777 == 0o600
    passwords = json.loads(path.read_text())
    users = User.objects.filter(username__in=passwords)
    assert {m.role for user in users for m in user.memberships.all()} == set(Role.values)
    for user in users:
        assert user.check_password(passwords[user.username])
        assert passwords[user.username] in loaded
    assert not any(user.has_usable_password() for user in User.objects.exclude(username__in=passwords))


def test_a_lost_file_of_passwords_is_made_anew(tmp_path: Path) -> None:
    passwords = give_passwords(tmp_path / "new" / "accounts.json")
    assert User.objects.get(username="clerk").check_password(passwords["clerk"])
    before = AuditEvent.objects.count()
    assert give_passwords(tmp_path / "new" / "accounts.json") == passwords
    assert AuditEvent.objects.count() == before


def test_nothing_is_loaded_outside_a_demonstration_on_this_machine() -> None:
    with override_settings(DEMO=False), pytest.raises(CommandError, match="只能载入演示系统"):
        call_command("load_demo")
    with override_settings(DEMO=True):
        assert "本机" in why_refused("db.example.invalid")
        assert why_refused("/tmp/socket") == why_refused("127.0.0.1") == ""


def test_days_of_the_made_up_bureau_lie_around_the_day_of_loading() -> None:
    day = timezone.localdate()
    dues = Action.objects.filter(organ__name="示例局", due_day__isnull=False)
    assert dues.filter(due_day__lt=day).exists()
    assert dues.filter(due_day__range=(day, day + timedelta(days=14))).exists()
