"""Configuration of the app and of the admin site it brings."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class OrgansConfig(AppConfig):
    """WHO: organs, users, roles, audit trail."""

    name = "organs"
    verbose_name = "单位与账号"


class LedgerAdminConfig(AdminConfig):
    """Django's admin with our start page."""

    default_site = "organs.admin_site.LedgerAdminSite"
