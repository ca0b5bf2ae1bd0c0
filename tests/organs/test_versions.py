"""Marks of what has changed: every write leaves one, nobody waits for it, and nothing else moves them."""

from threading import Event, Thread

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone

from measures.models import Action, Observation, Pillar, Theme
from organs.models import CATALOGUE, PEOPLE, Membership, Organ, OrganVersion, Role, User
from tests import make

#: Of pg_trigger.tgtype: for each row; what it follows.
FOR_ROW, INSERT, DELETE, UPDATE = 1, 4, 8, 16

#: Tables whose rows no page of figures tells of; everything else leaves marks.
UNMARKED = {
    *("organs_auditevent", "organs_auditlink", "organs_organversion", "organs_passwordrecord"),
    "organs_user_groups",
    "organs_user_user_permissions",
    *("measures_upload", "organs_keptform", "organs_sentform"),  # not yet part of the ledger
    "measures_listorder",  # a file that waits to be fetched
    "measures_article",  # never changed; what was read from it marks its organ
    *("measures_discarded", "measures_batch"),  # no longer part of it, and what was done to it
    "measures_rule",  # on a page that is drawn each time
    "measures_turn",  # each moves the instruction that it belongs to
    # asked by stewards, answered by clerks: what leaders read are the figures
    *("measures_round", "measures_round_metrics", "measures_round_kinds", "measures_roundorgan"),
    *("measures_roundcell", "measures_reminder"),
    "measures_reviewstep",  # each stands beside a change of the row that it tells of
}


def marks() -> dict[int, tuple]:
    return dict(OrganVersion.objects.marks())


def single_marks() -> set[tuple[int, str, str]]:
    """Every mark with its organ and its table."""
    return {(row.organ_id, row.part, str(row.mark)) for row in OrganVersion.objects.all()}


def moved(before: set[tuple[int, str, str]]) -> list[tuple[int, str]]:
    """Of which organ and in which table marks were left since, one by one."""
    return sorted((organ, part) for organ, part, _ in single_marks() - before)


@pytest.mark.django_db
def test_every_table_leaves_marks_or_is_known_not_to() -> None:
    tables = {
        table
        for app in ("organs", "measures")
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
        for table in [model._meta.db_table]
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, bit_or(tgtype) FROM pg_trigger WHERE tgname ~ '_touch$' GROUP BY 1"
        )
        marked = dict(cursor.fetchall())
    assert marked.keys() | UNMARKED == tables
    assert not marked.keys() & UNMARKED
    assert marked.pop("organs_user") == FOR_ROW | UPDATE  # a new account has no office yet
    assert set(marked.values()) == {INSERT | UPDATE | DELETE}, "each once for a statement"


@pytest.mark.django_db
def test_a_change_marks_its_own_organ_and_no_other(bureau, other_bureau, campaign) -> None:
    pillar = make.make_pillar(bureau, campaign)
    make.make_action(pillar)
    before = marks()
    make.make_action(pillar)
    after = marks()
    assert {organ for organ in after if after[organ] != before.get(organ)} == {bureau.pk}


@pytest.mark.django_db
def test_what_ties_rows_together_marks_the_organs_of_both(bureau, pillar) -> None:
    action = make.make_action(pillar)
    row = make.make_observation(make.make_metric(), bureau)
    before = marks()
    row.actions.add(action)
    tied = marks()
    row.actions.clear()
    assert before[bureau.pk] != tied[bureau.pk] != marks()[bureau.pk]


@pytest.mark.django_db
def test_rows_moved_at_once_mark_where_they_were_and_where_they_are(
    bureau, other_bureau, unit, campaign
) -> None:
    for organ in (bureau, bureau, unit):
        make.make_pillar(organ, campaign)
    before = single_marks()
    Pillar.objects.filter(organ=bureau).update(organ=other_bureau)
    assert moved(before) == sorted((organ.pk, "measures_pillar") for organ in (bureau, other_bureau))


@pytest.mark.django_db
def test_many_new_rows_leave_one_mark_for_each_organ_and_table(bureau, other_bureau, campaign) -> None:
    theme = make.make_theme()
    before = single_marks()
    Pillar.objects.bulk_create(
        Pillar(organ=organ, campaign=campaign, heading=f"第{order}", theme=theme, order=order)
        for organ in (bureau, other_bureau)
        for order in (1, 2, 3)
    )
    assert moved(before) == sorted((organ.pk, "measures_pillar") for organ in (bureau, other_bureau))
    assert OrganVersion.objects.filter(part="measures_pillar").count() == 2


@pytest.mark.django_db
def test_many_ties_moved_at_once_mark_all_that_they_tied_and_tie(
    bureau, other_bureau, unit, campaign
) -> None:
    of_one, of_other = (make.make_action(make.make_pillar(organ, campaign)) for organ in (unit, other_bureau))
    rows = [make.make_observation(make.make_metric(name), bureau) for name in ("宣讲场次", "宣讲受众")]
    tie, part = Observation.actions.through, Observation.actions.through._meta.db_table
    before = single_marks()
    tie.objects.bulk_create(tie(observation=row, action=of_one) for row in rows)
    assert moved(before) == sorted((organ.pk, part) for organ in (bureau, unit))
    before = single_marks()
    tie.objects.update(action=of_other)
    assert moved(before) == sorted((organ.pk, part) for organ in (bureau, unit, other_bureau))
    before = single_marks()
    tie.objects.all().delete()
    assert moved(before) == sorted((organ.pk, part) for organ in (bureau, other_bureau))


@pytest.mark.django_db
def test_what_goes_along_with_a_row_marks_its_own_table(bureau, other_bureau, pillar) -> None:
    action = make.draft_action(pillar)
    make.store(action, approved=False)
    action.joint_organs.add(other_bureau)
    before = single_marks()
    action.delete()
    parts = {part for organ, part in moved(before) if organ == bureau.pk}
    assert parts == {"measures_action", "measures_action_joint_organs"}


@pytest.mark.django_db
def test_a_tie_whose_end_went_first_marks_what_is_left(bureau, other_bureau, campaign) -> None:
    action = make.make_action(make.make_pillar(other_bureau, campaign))
    row = make.make_observation(make.make_metric(), bureau)
    row.actions.add(action)
    before = single_marks()
    with transaction.atomic():  # the keys are looked at in the end
        gone = Action.objects.filter(pk=action.pk)
        gone._raw_delete(gone.db)
        row.actions.through.objects.all().delete()
    assert moved(before) == sorted(
        [(other_bureau.pk, "measures_action"), (bureau.pk, "measures_observation_actions")]
    )


@pytest.mark.django_db
def test_a_statement_on_no_row_marks_nothing(bureau, pillar) -> None:
    before = single_marks()
    for model in (Organ, Membership, User, Theme, Pillar, Observation.actions.through):
        nobody = model.objects.filter(pk=-1)
        nobody.update(id=-2)
        nobody._raw_delete(nobody.db)
    Theme.objects.bulk_create([Theme(name=pillar.theme.name)], ignore_conflicts=True)
    assert single_marks() == before


@pytest.mark.django_db
def test_the_catalogue_and_the_people_have_marks_of_their_own(bureau, clerk) -> None:
    before = marks()
    make.make_theme("新主题")
    after = marks()
    assert {organ for organ in after if after[organ] != before.get(organ)} == {CATALOGUE}
    clerk.post = "新职务"
    clerk.save()
    make.make_member(Role.LEADER, bureau, "某领导")
    last = marks()
    assert {organ for organ in last if last[organ] != after.get(organ)} == {PEOPLE}


@pytest.mark.django_db
def test_signing_in_marks_nothing(as_user, leader, bureau) -> None:
    client = as_user(leader)
    before = marks()
    User.objects.filter(pk=leader.pk).update(last_login=timezone.now())
    client.get("/")
    assert marks() == before


@pytest.mark.django_db
def test_what_is_undone_leaves_the_marks_as_they_were(bureau, campaign) -> None:
    before = marks()
    with transaction.atomic():
        make.make_pillar(bureau, campaign)
        assert marks() != before
        transaction.set_rollback(True)
    assert marks() == before


@pytest.mark.django_db
def test_marks_do_not_pile_up(bureau, campaign) -> None:
    for _ in range(5):
        make.make_pillar(bureau, campaign)
    assert len(marks()[bureau.pk].split()) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first_ends_first", [True, False])
def test_two_writers_of_one_organ_do_not_wait_and_both_are_noticed(
    bureau, campaign, first_ends_first
) -> None:
    """Whoever commits first: after each commit the marks are new ones."""
    begun, other_may_end, other_ended = Event(), Event(), Event()
    theme = make.make_theme("作风建设")

    def other() -> None:
        try:
            with transaction.atomic():
                make.make_pillar(bureau, campaign, "乙的支柱", theme)
                begun.set()
                other_may_end.wait(20)
        finally:
            connection.close()
            other_ended.set()

    seen = [marks()]
    thread = Thread(target=other)
    with transaction.atomic():
        make.make_pillar(bureau, campaign, "甲的支柱", theme)
        thread.start()
        assert begun.wait(20), "the second writer waits for the first"
        if not first_ends_first:
            other_may_end.set()
            assert other_ended.wait(20)
    seen.append(marks())
    other_may_end.set()
    thread.join()
    seen.append(marks())
    assert len({found.get(bureau.pk) for found in seen}) == (3 if first_ends_first else 2)
    assert seen[-1].get(bureau.pk) != seen[0].get(bureau.pk)
