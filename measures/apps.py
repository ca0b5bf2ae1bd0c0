"""Configuration of the app."""

from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    """WHAT: campaigns, pillars, actions, metrics, figures, honours."""

    name = "measures"
    verbose_name = "创建台账"
