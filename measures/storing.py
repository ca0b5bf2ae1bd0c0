"""Saves rows, all that belongs together or nothing, or says in plain words why a row or the database refuses."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.exceptions import ValidationError
from django.db import DatabaseError, DataError, IntegrityError, OperationalError, models, transaction
from psycopg.errors import DeadlockDetected

OUT_OF_RANGE = "有一项日期或数字超出了能存的范围，请检查。"
AT_ONCE = "刚才有人也在办理同一项内容，这一次没有办成，请看过新内容再办。"

Given = ParamSpec("Given")
Done = TypeVar("Done")


def all_or_nothing(deed: Callable[Given, Done]) -> Callable[Given, Done]:
    """A deed in one transaction: who does it stores all of it, or is told by an error and stores nothing.

    Of two who wait for each other (死锁) the database lets one go, who is told by ValidationError.
    """

    @wraps(deed)
    def done(*args: Given.args, **kwargs: Given.kwargs) -> Done:
        try:
            with transaction.atomic():
                return deed(*args, **kwargs)
        except OperationalError as error:
            if is_deadlock(error):
                raise ValidationError(AT_ONCE) from error
            raise

    return done


def is_deadlock(error: OperationalError) -> bool:
    """Whether the database let somebody go because two waited for each other."""
    return isinstance(error.__cause__, DeadlockDetected)


def store(row: models.Model) -> None:
    """Check what was typed and save; raises ValidationError."""
    check(row)
    save(row)


def check(row: models.Model) -> None:
    """Raise ValidationError for what was typed; constraints are left to the database.

    What a foreign key names is not asked for again where it has been fetched already.
    """
    fetched = {
        field.name
        for field in row._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and field.is_cached(row)
        and getattr(row, field.name) is not None
    }
    row.full_clean(exclude=fetched, validate_constraints=False)


def save(row: models.Model) -> None:
    """Save as the last word of the caller's atomic block; raises ValidationError in the words of what refuses.

    Constraints are left to the database alone, which is right also when two people are at it at once. After an error
    nothing can be asked of the database until the block has ended.
    """
    try:
        if any(isinstance(constraint, ExclusionConstraint) for constraint in row._meta.constraints):
            _save_beside_others(row)
        else:
            row.save()
    except (IntegrityError, DataError) as error:
        raise refused(error, type(row)) from error


def _save_beside_others(row: models.Model) -> None:
    """Save a row that may exclude another one stored in the same moment.

    Each of the two waits for the other, so that the database lets one go: that one tries again and is told by the
    constraint, unless the other one waits for something else of theirs.
    """
    try:
        with transaction.atomic():
            row.save()
    except OperationalError as error:
        if not is_deadlock(error):
            raise
        row.save()


def refused(error: DatabaseError, model: type[models.Model]) -> ValidationError:
    """What the person is told whose row the database refuses; the error again if that is none of theirs."""
    match error:
        case IntegrityError():
            return ValidationError(_said_by(error, model))
        case DataError():
            return ValidationError(OUT_OF_RANGE)
    raise error


def _said_by(error: IntegrityError, model: type[models.Model]) -> str:
    """What the constraint of the model says that refused a row; the error again if it is none of the model's."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    broken = [constraint for constraint in model._meta.constraints if constraint.name == name]
    if not broken:
        raise error
    return str(broken[0].get_violation_error_message())
