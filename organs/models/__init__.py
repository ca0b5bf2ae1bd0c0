"""WHO: organs, their order and succession, users and their roles, and what was done by whom."""

from organs.models.audit import (
    AuditEvent,
    AuditEventQuerySet,
    AuditLink,
    AuditLinkQuerySet,
    AuditVerb,
)
from organs.models.keeping import KeptForm, KeptFormQuerySet, SentForm, SentFormQuerySet, forget_old
from organs.models.organ import (
    Organ,
    OrganKind,
    OrganManager,
    OrganQuerySet,
    OrganSuccession,
    OrganSuccessionQuerySet,
    PartyKind,
    SuccessionKind,
)
from organs.models.roles import (
    ENTERING,
    SEEING,
    Role,
)
from organs.models.user import (
    Membership,
    MembershipQuerySet,
    PasswordRecord,
    PasswordRecordQuerySet,
    User,
    UserManager,
)
from organs.models.version import (
    ALL_MARKS,
    CATALOGUE,
    PEOPLE,
    Marks,
    OrganVersion,
    OrganVersionQuerySet,
    changed_parts,
)

__all__ = [
    "ALL_MARKS",
    "CATALOGUE",
    "ENTERING",
    "PEOPLE",
    "SEEING",
    "AuditEvent",
    "AuditEventQuerySet",
    "AuditLink",
    "AuditLinkQuerySet",
    "AuditVerb",
    "KeptForm",
    "KeptFormQuerySet",
    "Marks",
    "Membership",
    "MembershipQuerySet",
    "Organ",
    "OrganKind",
    "OrganManager",
    "OrganQuerySet",
    "OrganSuccession",
    "OrganSuccessionQuerySet",
    "OrganVersion",
    "OrganVersionQuerySet",
    "PartyKind",
    "PasswordRecord",
    "PasswordRecordQuerySet",
    "Role",
    "SentForm",
    "SentFormQuerySet",
    "SuccessionKind",
    "User",
    "UserManager",
    "changed_parts",
    "forget_old",
]
