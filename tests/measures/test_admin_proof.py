"""Evidence in the admin: what it proves, and what is refused."""

from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from measures.models import (
    Evidence,
    EvidenceLink,
)
from organs.models import Organ, User
from tests import make

SignIn = Callable[[User | None], Client]
NO_LINKS = {"links-TOTAL_FORMS": 0, "links-INITIAL_FORMS": 0}


def add(model: str) -> str:
    return reverse(f"admin:measures_{model}_add")


def page(row: Any) -> str:
    return reverse(f"admin:measures_{row._meta.model_name}_change", args=(row.pk,))


def shown(response: HttpResponse) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_evidence_is_taken_with_what_it_proves(clerk: User, bureau: Organ, as_user: SignIn) -> None:
    honour = make.make_honour(bureau, approved=False)
    sent = {
        "organ": bureau.pk,
        "caption": "奖牌照片",
        "kind": "photo",
        "file": SimpleUploadedFile("奖牌.pdf", b"%PDF-1.4 x"),
        **NO_LINKS,
        "links-TOTAL_FORMS": 1,
        "links-0-honour": honour.pk,
    }
    assert as_user(clerk).post(add("evidence"), sent).status_code == 302
    row, link = Evidence.objects.get(), EvidenceLink.objects.get()
    assert (row.uploaded_by, row.content_type, link.by, link.proven) == (
        clerk,
        "application/pdf",
        clerk,
        honour,
    )
    assert "奖牌.pdf" in shown(as_user(clerk).get(page(row)))


def test_a_refused_file_keeps_what_was_typed_beside_it(clerk: User, bureau: Organ, as_user: SignIn) -> None:
    file = SimpleUploadedFile("病毒.exe", b"MZ")
    sent = {"organ": bureau.pk, "caption": "奖牌照片", "kind": "photo", "file": file, **NO_LINKS}
    html = shown(as_user(clerk).post(add("evidence"), sent))
    assert "只收 PDF、JPG、PNG、WEBP" in html
    assert 'value="奖牌照片"' in html


def test_proof_is_not_taken_from_an_approved_row(clerk: User, bureau: Organ, as_user: SignIn) -> None:
    evidence = make.make_evidence(bureau, by=clerk)
    link = make.make_link(evidence, honour=make.make_honour(bureau))
    sent = {
        "caption": "签到表",
        "kind": "document",
        "links-TOTAL_FORMS": 1,
        "links-INITIAL_FORMS": 1,
        "links-0-id": link.pk,
        "links-0-evidence": evidence.pk,
        "links-0-DELETE": "on",
    }
    assert "佐证不能再撤下" in shown(as_user(clerk).post(page(evidence), sent))
    assert EvidenceLink.objects.exists()
