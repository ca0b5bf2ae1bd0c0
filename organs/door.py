"""The door for writes of this app: create, change and delete, each in one transaction with its audit event."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from organs.audit import canonical, record
from organs.models import AuditVerb, Membership, Organ, OrganSuccession, User


def organ_of(row: models.Model) -> Organ | None:
    """The organ whose trail a change of the row belongs to; that of the first role for an account."""
    match row:
        case Organ():
            return row
        case Membership():
            return row.organ
        case OrganSuccession():
            return row.predecessor
        case User():
            first = row.memberships.select_related("organ").first()
            return first.organ if first else None
    return None


class OrganDoor:
    """Stores rows of this app, each with its audit event."""

    @transaction.atomic
    def create(self, row: models.Model, *, by: User | None, links: Any = None, note: str = "") -> None:
        """A new row, made by nobody where the program itself loads it; an organ becomes the last below its superior."""
        if isinstance(row, Organ) and row.superior:
            Organ.objects.add_child(row.superior, instance=row)
        elif isinstance(row, Organ):
            Organ.objects.add_root(instance=row)
        else:
            row.save()
        record(AuditVerb.CREATE, row, by=by, organ=organ_of(row), after=canonical(row), note=note)

    @transaction.atomic
    def change(self, row: models.Model, *, by: User, links: Any = None, note: str = "") -> None:
        """A changed row."""
        before = canonical(type(row)._default_manager.select_for_update(of=("self",)).get(pk=row.pk))
        row.save()
        after = canonical(row)
        record(AuditVerb.CHANGE, row, by=by, organ=organ_of(row), before=before, after=after, note=note)

    @transaction.atomic
    def delete(self, row: models.Model, *, by: User) -> None:
        """Gone, unless something hangs on it: then ValidationError."""
        if isinstance(row, Organ) and not row.is_leaf():
            raise ValidationError("还有下级单位，不能删除；撤并的单位请填“撤并日期”并登记沿革。")
        record(AuditVerb.DELETE, row, by=by, organ=organ_of(row), before=canonical(row))
        try:
            row.delete()
        except models.ProtectedError as error:
            names = "、".join(sorted({str(o._meta.verbose_name) for o in error.protected_objects}))
            raise ValidationError(f"还有{names}与它相关，不能删除；停用即可。") from error
