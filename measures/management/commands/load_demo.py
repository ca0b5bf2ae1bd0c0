"""Load two real bureaus, a made-up one and one account per role into a demonstration."""

import json
import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from measures.management.demo_loader import load_all, read
from organs.audit import record
from organs.door import organ_of
from organs.models import AuditVerb, Membership, Role, User

LOCAL_HOSTS = ("", "localhost", "127.0.0.1", "::1")
EASILY_READ = "abcdefghjkmnpqrstuvwxyz23456789"


class Command(BaseCommand):
    """Repeatable: what is there already stays as people have left it."""

    help = "载入演示数据和演示账号（只用于本机演示，可重复执行）"

    def handle(self, *args: Any, **options: Any) -> None:
        """Load in one transaction, then print the accounts; raises CommandError outside a demonstration."""
        if refusal := why_refused(connection.settings_dict["HOST"]):
            raise CommandError(refusal)
        with transaction.atomic():
            new = load_all()
            passwords = give_passwords(settings.DATA_DIR / "accounts.json")
        self.stdout.write("演示数据已载入。" if new else "演示数据已在，没有改动。")
        self.stdout.write("演示账号（改过密码的，以新密码为准）：")
        for username, password in passwords.items():
            role = _role(username)
            self.stdout.write(f"  {role:　<5}  {username:<10}{password}")


def why_refused(host: str) -> str:
    """Why the demonstration may not be loaded into the database on this host, as a sentence; empty if it may."""
    if not settings.DEMO:
        return "演示数据只能载入演示系统：请用 make demo，或设 DEMO=1。"
    if host not in LOCAL_HOSTS and not host.startswith("/"):
        return "演示数据只能载入本机（127.0.0.1）的数据库，DATABASE_URL 指向了别的服务器。"
    return ""


def give_passwords(path: Path) -> dict[str, str]:
    """Passwords of the role accounts by user name, kept in the file; a new one for each that has none there.

    An account with a password keeps it: only one without any, or whose password the file has lost, gets one.
    """
    passwords: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    names = [person["username"] for person in read("catalogue")["people"] if not person.get("no_login")]
    users = {user.username: user for user in User.objects.filter(username__in=names)}
    for name, user in users.items():
        if name in passwords and user.has_usable_password():
            continue
        passwords.setdefault(name, "".join(secrets.choice(EASILY_READ) for _ in range(12)))
        user.set_password(passwords[name])
        user.save(update_fields=["password"])
        record(AuditVerb.CHANGE, user, by=None, organ=organ_of(user), note="设置演示账号的密码")
    _keep(path, passwords)
    return {name: passwords[name] for name in names if name in users}


def _keep(path: Path, passwords: dict[str, str]) -> None:
    """Write the file so that only its owner ever can read it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(passwords, file, indent=1)


def _role(username: str) -> str:
    held = Membership.objects.filter(user__username=username).order_by("pk").first()
    return Role(held.role).label if held else ""
