"""What is being typed: kept until it is stored, and the marks of forms that have been stored."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone

from organs.models.user import User

#: What was typed and never stored is forgotten after so long; so is the mark of a form that was stored.
KEPT_FOR = timedelta(days=30)
#: Of one person so many forms are kept, the newest ones.
MOST_KEPT = 40


class KeptFormQuerySet(models.QuerySet["KeptForm"]):
    """Kept forms by whose they are."""

    def visible_to(self, user: User) -> KeptFormQuerySet:
        """What the person typed themselves."""
        return self.filter(user=user)

    def offered(self, user: User, address: str, shown: UUID | None) -> KeptForm | None:
        """What the person has typed at an address and not stored; None if there is nothing.

        The form that is shown has its own text, which is newer.
        """
        sent = SentForm.objects.filter(user=user, token=OuterRef("token"))
        rows = self.filter(~Exists(sent), user=user, address=address)
        return rows.exclude(token=shown).first() if shown else rows.first()

    def keep(self, user: User, address: str, fields: str, token: UUID | None) -> KeptForm:
        """Keep what is being typed in place of what was kept at this address before."""
        values = {"fields": fields, "token": token, "at": timezone.now()}
        row, new = self.update_or_create(user=user, address=address, defaults=values)
        if new:
            newest = self.filter(user=user).order_by("-at").values("pk")[:MOST_KEPT]
            self.filter(user=user).exclude(pk__in=newest).delete()
        return row

    def forget(self, user: User, address: str) -> None:
        """Nothing is kept for the person at this address any more."""
        self.filter(user=user, address=address).delete()


class KeptForm(models.Model):
    """What a person has typed into a form and not stored yet (暂存), so that neither time-outs nor lost connections cost it.

    It is no part of the ledger: nobody but the typist ever sees it, nothing counts it, it is gone when the form is
    stored. So keeping and forgetting it leave no audit event; the event of what is stored tells of it.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="kept_forms", verbose_name="用户")
    address = models.CharField("页面地址", max_length=300)
    fields = models.TextField("内容", help_text="JSON，由页面的脚本写、由它读；不含文件和密码。")
    token = models.UUIDField("表单标记", null=True)
    at = models.DateTimeField("暂存时间", default=timezone.now)

    objects = KeptFormQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "暂存的内容"
        constraints = [models.UniqueConstraint(name="kept_form_once", fields=("user", "address"))]

    def __str__(self) -> str:
        return f"{self.user}在{self.address}暂存的内容"


class SentFormQuerySet(models.QuerySet["SentForm"]):
    """Marks of stored forms."""

    def visible_to(self, user: User) -> SentFormQuerySet:
        """Nobody looks at them."""
        return self.none()

    def first_time(self, user: User, token: UUID) -> bool:
        """Whether the form is stored for the first time; to be asked in the transaction that stores it.

        Of two that are sent at once the second waits for the first, and is then told.
        """
        return self.get_or_create(user=user, token=token)[1]


class SentForm(models.Model):
    """A form that has been stored (已提交的表单): each one that is shown has a token, which is used once."""

    user = models.ForeignKey(User, models.CASCADE, related_name="sent_forms", verbose_name="用户")
    token = models.UUIDField("表单标记")
    at = models.DateTimeField("提交时间", default=timezone.now)

    objects = SentFormQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "已提交的表单"
        constraints = [models.UniqueConstraint(name="sent_form_once", fields=("user", "token"))]

    def __str__(self) -> str:
        return f"{self.user}提交的表单"


def forget_old() -> int:
    """Forget what was kept or marked too long ago; says how many rows that were."""
    before = timezone.now() - KEPT_FOR
    return sum(rows.filter(at__lt=before).delete()[0] for rows in (KeptForm.objects, SentForm.objects))
