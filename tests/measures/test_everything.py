"""Everything of an organ as one file, for those who see to its accounts."""

from io import BytesIO
from zipfile import ZipFile

import pytest

from measures.views import everything
from organs.models import AuditEvent
from tests import make

pytestmark = pytest.mark.django_db
PAGE = "/everything/"


def test_a_steward_takes_the_rows_and_files_of_a_bureau_along(as_user, area, steward, bureau, other_bureau):
    metric = make.make_metric("受众", "人次")
    make.make_observation(metric, bureau, "1400余")
    make.make_observation(metric, other_bureau, "7")
    make.make_evidence(bureau, "签到表")
    answer = as_user(steward).post(PAGE, {"organ": bureau.pk})
    archive = ZipFile(BytesIO(b"".join(answer.streaming_content)))
    names = archive.namelist()
    assert {"contents.csv", "tables/甲局数值.xlsx", "tables/甲局数值.csv"} <= set(names)
    figures = next(name for name in names if name.endswith("-observation.jsonl"))
    assert len(archive.read(figures).splitlines()) == 1
    assert "1400余" in archive.read("tables/甲局数值.csv").decode("utf-8-sig")
    assert len([name for name in names if name.startswith("files/evidence/") and name[-1] != "/"]) == 1
    event = AuditEvent.objects.get(verb="export")
    assert (event.organ_id, event.note[:5]) == (bureau.pk, "整套数据，")


def test_only_own_organs_are_offered(as_user, steward, outsider, clerk):
    assert as_user(clerk).get(PAGE).status_code == 403
    foreign = make.make_organ("外县")
    answer = as_user(steward).post(PAGE, {"organ": foreign.pk})
    assert answer.status_code == 200
    assert 'class="error"' in answer.content.decode() or 'role="alert"' in answer.content.decode()
    assert not AuditEvent.objects.filter(verb="export").exists()


@pytest.mark.parametrize("bound", ["MOST_ROWS", "MOST_MB"])
def test_what_a_request_would_not_last_for_is_left_to_the_command(
    as_user, steward, bureau, monkeypatch, bound
):
    make.make_observation(make.make_metric(), bureau, "1")
    monkeypatch.setattr(everything, bound, -1 if bound == "MOST_MB" else 0)
    page = as_user(steward).post(PAGE, {"organ": bureau.pk}).content.decode()
    assert "“甲局”连同下级有1条、佐证文件0MB" in page
    assert "请系统管理员用命令导出" in page
