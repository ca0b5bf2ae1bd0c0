"""Nobody overwrites what they have not been shown: a token of what a form showed, held against what is stored now."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.forms import model_to_dict


class Outdated(ValidationError):
    """Somebody has stored other values since the row was shown."""

    def __init__(self) -> None:
        super().__init__(
            "您打开这一页以后，别人（或您在另一个窗口里）改动过这一条，所以没有保存。"
            "您填的都还在；与现在存的不同的，字段下面写着现在的内容，请核对后再保存。"
        )


def token(row: models.Model, fields: Iterable[str], inlines: Iterable[type[models.Model]] = ()) -> str:
    """What stands in these fields of a row, and in the rows of a page's tables, made short."""
    said = model_to_dict(row, fields=[name for name in fields if not name.startswith("password")])
    told = sorted((name, _plain(value)) for name, value in said.items())
    return sha256(repr([told, [_rows(row, model) for model in inlines]]).encode()).hexdigest()[:32]


def _plain(value: Any) -> str:
    return repr(sorted(one.pk for one in value)) if isinstance(value, list) else repr(value)


def _rows(row: models.Model, model: type[models.Model]) -> list[Any]:
    """The rows of a table that belong to the row."""
    key = next(
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and isinstance(row, field.related_model)
    )
    columns = [field.attname for field in model._meta.concrete_fields]
    found = model._default_manager.filter(**{key: row}).order_by("pk")
    return list(found.values_list(*columns))
