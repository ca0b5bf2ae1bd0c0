"""Who may do what where: rights, and roles as sets of rights."""

from collections.abc import Mapping
from enum import StrEnum

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from organs.models import Marks, Organ, OrganVersion, Role, User
from organs.scope import Scope


class SignedInRequest(HttpRequest):
    """A request that LoginRequiredMiddleware let through."""

    user: User
    marks: Mapping[int, Marks]


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
#: Rights that only those nearest to an organ hold, and the ones above where there is nobody.
OF_THE_NEAREST = frozenset({Right.REVIEW})


def roles_with(right: Right) -> list[Role]:
    """The roles that hold a right."""
    return [role for role, rights in ROLE_RIGHTS.items() if right in rights]


def scope(user: User | AnonymousUser, right: Right) -> Scope:
    """Where the user holds the right today."""
    if not isinstance(user, User):
        return Scope()
    roles = roles_with(right)
    return user.nearest_scope(roles) if right in OF_THE_NEAREST else user.scope(roles)


def can(user: User | AnonymousUser, right: Right, organ: Organ) -> bool:
    """Whether the user holds the right on the organ today."""
    return organ.path in scope(user, right)


def reviewed_by(organ: Organ, *, told: User) -> str:
    """Who reviews what the organ enters, as a sentence for the user `told`."""
    posts = [m for m in told.holders(roles_with(Right.REVIEW)) if m.reaches(organ)]
    if not posts:
        return "还没有人审核本单位的内容，请联系工委管理员设一位审核员。"
    nearest = max(posts, key=lambda m: len(m.organ.path)).organ
    roles = sorted({m.get_role_display() for m in posts if m.organ == nearest})
    return f"由{nearest.label}的{'、'.join(roles)}审核。"


def marks(request: SignedInRequest) -> Mapping[int, Marks]:
    """What the data of all organs stands at; read once, before anything else of them is read for the request."""
    if not hasattr(request, "marks"):
        request.marks = OrganVersion.objects.marks()
    return request.marks


def reader(user: User) -> tuple[object, ...]:
    """Who reads and which offices they hold today: what they may see follows from it, and from the tree."""
    posts = sorted((m.role, m.organ.path, m.with_below) for m in user.current_memberships())
    return (user.pk, user.is_active, user.is_superuser, *posts)
