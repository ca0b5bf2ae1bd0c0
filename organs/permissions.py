"""Who may do what where: rights, and roles as sets of rights."""

from enum import StrEnum

from django.http import HttpRequest

from organs.models import Organ, Role, User
from organs.scope import Scope


class SignedInRequest(HttpRequest):
    """A request that LoginRequiredMiddleware let through."""

    user: User


class Right(StrEnum):
    """One thing that a membership may allow on an organ."""

    VIEW = "view"  # approved figures
    VIEW_DRAFTS = "view_drafts"  # what is not approved, and proof
    ENTER = "enter"  # create and change
    SUBMIT = "submit"
    REVIEW = "review"  # approve and return
    CATALOGUE = "catalogue"  # campaigns, themes, kinds, units, catalogue-wide metrics
    ADMINISTER = "administer"  # organs and accounts
    AUDIT = "audit"


ROLE_RIGHTS: dict[Role, frozenset[Right]] = {
    Role.CLERK: frozenset({Right.VIEW, Right.VIEW_DRAFTS, Right.ENTER, Right.SUBMIT}),
    Role.REVIEWER: frozenset({Right.VIEW, Right.VIEW_DRAFTS, Right.REVIEW}),
    Role.LEADER: frozenset({Right.VIEW}),
    Role.STEWARD: frozenset({Right.VIEW, Right.VIEW_DRAFTS, Right.REVIEW, Right.CATALOGUE, Right.ADMINISTER}),
    Role.AUDITOR: frozenset({Right.AUDIT}),
}


def roles_with(right: Right) -> list[Role]:
    """The roles that hold a right."""
    return [role for role, rights in ROLE_RIGHTS.items() if right in rights]


def scope(user: User, right: Right) -> Scope:
    """Where the user holds the right today."""
    return user.scope(roles_with(right)) if user.is_authenticated else Scope()


def can(user: User, right: Right, organ: Organ) -> bool:
    """Whether the user holds the right on the organ today."""
    return organ.path in scope(user, right)
