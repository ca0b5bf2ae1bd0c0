"""Configuration of the app and of the admin site it brings."""

from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class OrgansConfig(AppConfig):
    """WHO: organs, users, roles, audit trail."""

    name = "organs"
    verbose_name = "单位与账号"

    def ready(self) -> None:
        """Connect what listens to signing in and out; models exist only now."""
        import_module("organs.sessions")
        import_module("organs.signals")


class LedgerAdminConfig(AdminConfig):
    """Django's admin as our entry pages."""

    default_site = "organs.admin_site.LedgerAdminSite"
