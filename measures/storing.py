"""Saves a row, or says in plain words why the row or the database refuses."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.exceptions import ValidationError
from django.db import DatabaseError, DataError, IntegrityError, OperationalError, models, transaction
from psycopg.errors import DeadlockDetected

OUT_OF_RANGE = "有一项日期或数字超出了能存的范围，请检查。"
AT_ONCE = "刚才有人也在办理同一项内容，这一次没有办成，请重新打开再办。"


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
    except (IntegrityError, DataError, OperationalError) as error:
        raise refused(error, type(row)) from error


def _save_beside_others(row: models.Model) -> None:
    """Save a row that may exclude another one stored in the same moment.

    Each of the two waits for the other, so that the database lets one go: that one tries again and is told by the constraint.
    """
    try:
        with transaction.atomic():
            row.save()
    except OperationalError as error:
        if not isinstance(error.__cause__, DeadlockDetected):
            raise
        row.save()


def refused(error: DatabaseError, model: type[models.Model]) -> ValidationError:
    """What the person is told whose row the database refuses; the error again if that is none of theirs."""
    match error:
        case IntegrityError():
            return ValidationError(said_by(error, model))
        case DataError():
            return ValidationError(OUT_OF_RANGE)
        case OperationalError(__cause__=DeadlockDetected()):
            return ValidationError(AT_ONCE)
    raise error


def said_by(error: IntegrityError, model: type[models.Model]) -> str:
    """What the constraint of the model says that refused a row; the error again if it is none of the model's."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    broken = [constraint for constraint in model._meta.constraints if constraint.name == name]
    if not broken:
        raise error
    return str(broken[0].get_violation_error_message())
