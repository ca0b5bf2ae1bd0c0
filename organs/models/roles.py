"""What a membership makes of a user."""

from collections.abc import Collection
from typing import Protocol

from django.db import models

from organs.scope import Scope


class Role(models.TextChoices):
    """What a membership makes of a user."""

    CLERK = "clerk", "填报员"
    REVIEWER = "reviewer", "审核员"
    LEADER = "leader", "领导"
    STEWARD = "steward", "工委管理员"
    AUDITOR = "auditor", "安全审计员"


#: Roles that see figures; an auditor reads the audit trail and nothing else.
SEEING = (Role.CLERK, Role.REVIEWER, Role.LEADER, Role.STEWARD)
#: Roles that have something to do in the entry pages.
ENTERING = (Role.CLERK, Role.REVIEWER, Role.STEWARD)
#: Roles that confirm what others entered.
REVIEWING = (Role.REVIEWER, Role.STEWARD)


class Holder(Protocol):
    """Who holds roles on organs: a user, as organs know users."""

    def scope(self, roles: Collection[Role]) -> Scope:
        """What the holder's memberships in these roles reach today."""
