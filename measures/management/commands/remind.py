"""Sends each person by e-mail what newly waits for them; for cron, every hour or so."""

from datetime import time
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import get_connection, send_mail
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from measures.models import Reminder
from measures.rollups.reminders import Waiting, waiting_for
from organs.models import User

#: Nobody is disturbed outside these hours of Asia/Shanghai.
FIRST, LAST = time(8), time(18)


class Command(BaseCommand):
    """Repeatable: each reminder goes out once, to the person whom it is about and to nobody else."""

    help = "把新的待办发到各人的办公邮箱（每项只发一次，8点至18点以外不发），供定时任务调用。"

    def handle(self, *args: Any, **options: Any) -> None:
        """One mail for each person who has something new; what could not be sent is tried again next time."""
        if not FIRST <= timezone.localtime().time() < LAST:
            self.stdout.write("现在不在8点至18点之间，没有发送。")
            return
        if not settings.EMAIL_HOST or not settings.DEFAULT_FROM_EMAIL:
            self.stdout.write("没有设置邮件服务器（EMAIL_HOST、EMAIL_FROM），没有发送；待办页面照常可看。")
            return
        sent, connection = 0, get_connection()
        try:
            connection.open()
        except (SMTPException, OSError) as error:
            raise CommandError(f"连不上邮件服务器，没有发送：{error}") from error
        for user in User.objects.filter(is_active=True).exclude(email="").order_by("pk"):
            try:
                with transaction.atomic():
                    sent += self._remind(user, connection)
            except (SMTPException, OSError) as error:
                self.stderr.write(f"没有发给用户{user.pk}：{error}")
        connection.close()
        self.stdout.write(f"已发送{sent}封。")

    def _remind(self, user: User, connection: Any) -> int:
        """Whether there was something new."""
        # of two runs at once the second waits here, and then finds everything told
        user = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
        lines = waiting_for(user)
        told = set(
            Reminder.objects.visible_to(user)
            .filter(key__in=[key for line in lines for key in line.keys])
            .values_list("key", flat=True)
        )
        new = [line for line in lines if not told.issuperset(line.keys)]
        if not new:
            return 0
        keys = sorted({key for line in new for key in line.keys} - told)
        Reminder.objects.bulk_create(Reminder(user=user, key=key) for key in keys)
        send_mail(
            f"模范机关创建台账：{len(new)}项待办",
            self._letter(new),
            None,
            [user.email],
            connection=connection,
        )
        return 1

    def _letter(self, lines: list[Waiting]) -> str:
        """What waits, a line each, without names of persons."""
        said = [f"· {line.sort}：{line.text}（{line.words}）" for line in lines]
        at = (
            f"请登录系统办理：{settings.SITE_URL}/reminders/"
            if settings.SITE_URL
            else "请登录系统，点“待办”办理。"
        )
        return "\n".join([*said, "", at, "本邮件由系统自动发送，每项只提醒一次，请勿回复。"])
