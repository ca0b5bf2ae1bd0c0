"""Marks of what has changed: every write leaves one, nobody waits for it, and nothing else moves them."""

from threading import Event, Thread

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone

from organs.models import CATALOGUE, PEOPLE, OrganVersion, Role, User
from tests import make

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


@pytest.mark.django_db
def test_every_table_leaves_marks_or_is_known_not_to() -> None:
    tables = {
        table
        for app in ("organs", "measures")
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
        for table in [model._meta.db_table]
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname ~ '_touch$'")
        marked = {name for (name,) in cursor.fetchall()}
    assert marked | UNMARKED == tables
    assert not marked & UNMARKED


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
