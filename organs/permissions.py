"""Who may do what where: rights, and roles as sets of rights."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.db.models.functions import Left, Length
from django.http import HttpRequest

from organs.models import Marks, Organ, OrganVersion, Role, User
from organs.scope import Scope


@dataclass(frozen=True)
class Reader:
    """Who reads, as far as pages differ by it: the person with their offices, the hints put away, the organs they see.

    With those above: of these a page tells nothing but what is not owed to them any more.
    """

    person: tuple[object, ...]
    hints: tuple[str, ...]
    organs: frozenset[int]


class SignedInRequest(HttpRequest):
    """A request that LoginRequiredMiddleware let through."""

    user: User
    marks: Mapping[int, Marks]
    reader: Reader  # of a page that may be kept
    page_key: str


class Right(StrEnum):
    """One thing that a membership may allow on an organ."""

    VIEW = "view"  # approved figures
    VIEW_DRAFTS = "view_drafts"  # what is not approved, and proof
    ENTER = "enter"  # create and change
    SUBMIT = "submit"
    REVIEW = "review"  # approve and return
    INSTRUCT = "instruct"  # words of a leader (批示)
    CATALOGUE = "catalogue"  # campaigns, themes, kinds, units, catalogue-wide metrics
    ADMINISTER = "administer"  # organs and accounts
    AUDIT = "audit"


ROLE_RIGHTS: dict[Role, frozenset[Right]] = {
    Role.CLERK: frozenset({Right.VIEW, Right.VIEW_DRAFTS, Right.ENTER, Right.SUBMIT}),
    Role.REVIEWER: frozenset({Right.VIEW, Right.VIEW_DRAFTS, Right.REVIEW}),
    Role.LEADER: frozenset({Right.VIEW, Right.INSTRUCT}),
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


def can_from_above(user: User, right: Right, organ: Organ) -> bool:
    """Whether the user holds the right over the organ from above, where nobody else above is nearer: for what no organ
    decides about itself. Where nobody is above, those decide who hold the right on it."""
    held, superior = _from_above(user, right), organ.path[: -Organ.steplen]
    return superior in held if held.nearer and superior in held.nearer else can(user, right, organ)


def _from_above(user: User, right: Right) -> Scope:
    """Where the user holds the right for all below, to be asked by the path of a superior."""
    held = [m for m in user.holders(roles_with(right)) if m.with_below]
    own = [(m.organ.path, True) for m in held if m.user_id == user.pk]
    own += [("", True)] if user.is_superuser else []
    return replace(Scope.of(own), nearer=Scope.of((m.organ.path, True) for m in held))


def below(user: User, right: Right) -> QuerySet[Organ]:
    """The organs for which `can_from_above` holds."""
    held = _from_above(user, right)
    organs = Organ.objects.annotate(superior=Left("path", Length("path") - Organ.steplen))
    alone = scope(user, right).q("path") & ~(held.nearer or Scope()).q("superior")
    return organs.filter(held.q("superior") | alone)


def reviewed_by(organ: Organ, *, told: User, above: bool = False) -> str:
    """Who reviews what the organ enters, or closes what was found there (`above`), as a sentence for the user `told`."""
    posts = [m for m in told.holders(roles_with(Right.REVIEW)) if m.reaches(organ)]
    posts = [m for m in posts if above and m.organ != organ and m.with_below] or posts
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
