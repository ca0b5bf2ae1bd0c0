"""The admin site of the ledger."""

from django.contrib.admin import AdminSite


class LedgerAdminSite(AdminSite):
    """Django's admin under our name."""

    site_header = "模范机关创建台账·录入"
    site_title = "台账录入"
    index_title = "开始"
    enable_nav_sidebar = True
