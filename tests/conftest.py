"""The cast of the tests: a small county with two bureaus, and one person for each role."""

import gc
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol
from django.conf import settings
from django.test import Client, client
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from xdist.scheduler import LoadGroupScheduling

from config.room import roomy
from measures.models import Campaign, Pillar
from organs.models import Organ, OrganKind, Role, User
from tests import make
from tests.signed_in import sign_in
from tests.somebody import forget_them

pytest_plugins = ["tests.demonstration"]
PLAIN_JOINS = "-c join_collapse_limit=1 -c from_collapse_limit=1"

hypothesis_settings.register_profile("pure", derandomize=True, deadline=None, max_examples=100)
hypothesis_settings.register_profile(
    "database",
    derandomize=True,
    deadline=None,
    max_examples=20,
    phases=[Phase.explicit, Phase.generate],  # shrinking on a database takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
hypothesis_settings.load_profile("pure")


def pytest_configure(config: pytest.Config) -> None:
    """Plain HTTP, quick passwords, joins as written, static files as they lie, whatever the environment says."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # the browser keeps a loop running in its worker
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.STATIC_ROOT = None
    # Django's own copies the context of every part of a page for tests that ask for it; none does.
    client.store_rendered_templates = lambda *args, **kwargs: None
    settings.SECURE_SSL_REDIRECT = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    # Among a handful of rows any order of joins will do; looking for the best one takes longer than the query.
    settings.DATABASES["default"].setdefault("OPTIONS", {})["options"] = PLAIN_JOINS


@pytest.hookimpl(tryfirst=True)
@roomy
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Each test, as pytest runs it, with room for the nested calls of its pages."""
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    runtestprotocol(item, nextitem=nextitem)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


class _Together(LoadGroupScheduling):
    """A file of the browser, or of the demonstration, is for one worker: what it needs is made once."""

    def _split_scope(self, nodeid: str) -> str:
        together = nodeid.startswith(("tests/browser/", "tests/measures/test_load_demo.py"))
        return nodeid.partition("::")[0] if together else nodeid


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long stands first: the demonstration, enough for the others meanwhile, the browser."""
    first = ("tests/measures/test_load_demo.py", "tests/test_localdb.py", "tests/organs/", "tests/browser/")

    def rank(item: pytest.Item) -> int:
        found = (place for place, start in enumerate(first) if item.nodeid.startswith(start))
        return next(found, len(first))

    items.sort(key=rank)
    for item in items:
        if "demonstration" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.django_db)  # without it no database is made


def pytest_collection_finish() -> None:
    """What is there before the first test stays, and garbage is looked for seldom: a test leaves little of it."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_runtest_setup() -> None:
    """What an earlier test made is gone."""
    forget_them()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadGroupScheduling:
    """How xdist shares out the tests."""
    return _Together(config, log)


@pytest.fixture(scope="session", autouse=True)
def _files_of_their_own() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder:
        settings.MEDIA_ROOT = Path(folder)
        settings.CACHES["default"]["LOCATION"] = Path(folder) / "pages"
        settings.AUDIT_SEAL_FILE = Path(folder) / "audit_seals.jsonl"
        yield


@dataclass(frozen=True)
class Tree:
    """Area → two bureaus → one unit each; both bureaus take part in the campaign of 2021."""

    area: Organ
    bureau: Organ
    unit: Organ
    other_bureau: Organ
    other_unit: Organ
    campaign: Campaign


def plant() -> Tree:
    """The organs of the tests, and the campaign in which the bureaus take part."""
    places = (
        ("0001", 2, "示范县", OrganKind.AREA),
        ("00010001", 1, "甲局", OrganKind.BUREAU),
        ("00010002", 1, "乙局", OrganKind.BUREAU),
        ("000100010001", 0, "甲局所属中心", OrganKind.UNIT),
        ("000100020001", 0, "乙局所属中心", OrganKind.UNIT),
    )
    area, bureau, other_bureau, unit, other_unit = Organ.objects.bulk_create(
        Organ(path=path, depth=len(path) // Organ.steplen, numchild=below, name=name, kind=kind)
        for path, below, name, kind in places
    )
    campaign = make.make_campaign(area, "模范机关创建（2021年）", organs=(bureau, other_bureau))
    return Tree(area, bureau, unit, other_bureau, other_unit, campaign)


@pytest.fixture
def tree(db: None) -> Tree:
    return plant()


@pytest.fixture
def area(tree: Tree) -> Organ:
    return tree.area


@pytest.fixture
def bureau(tree: Tree) -> Organ:
    return tree.bureau


@pytest.fixture
def unit(tree: Tree) -> Organ:
    return tree.unit


@pytest.fixture
def other_bureau(tree: Tree) -> Organ:
    return tree.other_bureau


@pytest.fixture
def other_unit(tree: Tree) -> Organ:
    return tree.other_unit


@pytest.fixture
def campaign(tree: Tree) -> Campaign:
    return tree.campaign


@pytest.fixture
def pillar(bureau: Organ, campaign: Campaign) -> Pillar:
    """A heading of the first bureau."""
    return make.make_pillar(bureau, campaign, "着力政治建设抓创建", make.make_theme("政治建设"))


@pytest.fixture
def clerk(bureau: Organ) -> User:
    """Enters for the first bureau and the units below it."""
    return make.make_member(
        Role.CLERK, bureau, "林填报", with_below=True, username="clerk", post="机关党办干部"
    )


@pytest.fixture
def second_clerk(bureau: Organ) -> User:
    """Enters for the first bureau, too."""
    return make.make_member(Role.CLERK, bureau, "苏填报", with_below=True, username="second_clerk")


@pytest.fixture
def other_clerk(other_bureau: Organ) -> User:
    """Enters for the other bureau only."""
    return make.make_member(Role.CLERK, other_bureau, "何填报", username="other_clerk")


@pytest.fixture
def reviewer(bureau: Organ) -> User:
    """Reviews what the first bureau and its units enter."""
    return make.make_member(
        Role.REVIEWER,
        bureau,
        "周审核",
        with_below=True,
        username="reviewer",
        post="机关党办主任",
    )


@pytest.fixture
def second_reviewer(bureau: Organ) -> User:
    """Reviews for the first bureau itself, too."""
    return make.make_member(Role.REVIEWER, bureau, "郭审核", username="second_reviewer")


@pytest.fixture
def leader(area: Organ) -> User:
    """Reads approved figures of the whole county."""
    return make.make_member(Role.LEADER, area, "郑领导", with_below=True, username="leader", post="工委书记")


@pytest.fixture
def steward(area: Organ) -> User:
    """Looks after campaigns, catalogues, organs and accounts of the county; reviews where nobody nearer does."""
    return make.make_member(Role.STEWARD, area, "吴工委", with_below=True, username="steward")


@pytest.fixture
def auditor(area: Organ) -> User:
    """Reads the audit trail of the whole county and nothing else."""
    return make.make_member(Role.AUDITOR, area, "冯审计", with_below=True, username="auditor")


@pytest.fixture
def outsider(db: None) -> User:
    """Has an account and no role anywhere."""
    return make.make_user("陈外人", username="outsider")


@pytest.fixture
def superuser(db: None) -> User:
    """The technical administrator."""
    return User.objects.create_superuser("root", "系统管理")


@pytest.fixture
def as_user() -> Callable[[User | None], Client]:
    """Gives a client signed in as the person; None is nobody."""

    def signed_in(user: User | None) -> Client:
        return sign_in(Client(), user) if user else Client()

    return signed_in
