"""What the environment makes of the settings."""

import runpy
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

SERVER = {
    "SECRET_KEY": "x",
    "DATABASE_URL": "postgresql://nobody@localhost/none",
    "ALLOWED_HOSTS": "ledger.example",
}


@pytest.fixture
def settings_of(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Reads the settings file anew with these variables beside those that a server needs."""

    def read(**variables: str) -> dict[str, Any]:
        for name in ("DEMO", "DEBUG", "PLAIN_HTTP", "HSTS_SECONDS", "BEHIND_PROXY"):
            monkeypatch.delenv(name, raising=False)
        for name, value in {**SERVER, **variables}.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path("config/settings.py")

    return read


def test_a_server_sends_its_cookies_over_https_only(settings_of: Any) -> None:
    made = settings_of()
    assert (made["SESSION_COOKIE_NAME"], made["CSRF_COOKIE_NAME"]) == ("__Host-sessionid", "__Host-csrftoken")
    switched_on = (
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SECURE_SSL_REDIRECT",
        "CSRF_COOKIE_HTTPONLY",
    )
    assert all(made[name] for name in switched_on)
    assert made["SECURE_HSTS_SECONDS"] == 31_536_000
    assert made["CSRF_TRUSTED_ORIGINS"] == ["https://ledger.example"]


@pytest.mark.parametrize("variables", [{"PLAIN_HTTP": "1"}, {"DEMO": "1"}, {"DEBUG": "1"}])
def test_one_setting_is_enough_for_a_network_without_https(
    settings_of: Any, variables: dict[str, str]
) -> None:
    made = settings_of(**variables)
    assert "SESSION_COOKIE_NAME" not in made
    switched_off = (
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
    )
    assert not any(made[name] for name in switched_off)
    assert made["SESSION_COOKIE_HTTPONLY"]


def test_times_are_settings(settings_of: Any) -> None:
    made = settings_of(
        LOGIN_LOCK_MINUTES="20", SESSION_IDLE_MINUTES="15", SESSION_MAX_HOURS="8", HSTS_SECONDS="0"
    )
    assert made["AXES_COOLOFF_TIME"].total_seconds() == 20 * 60
    assert (made["SESSION_IDLE_MINUTES"], made["SESSION_MAX_HOURS"], made["SECURE_HSTS_SECONDS"]) == (
        15,
        8,
        0,
    )
    assert made["SESSION_COOKIE_AGE"] > 8 * 3600


@pytest.mark.parametrize("value", ["", "0", "-1", "half", "１５", "99999999"])
def test_a_time_that_makes_no_sense_is_refused_at_the_start(settings_of: Any, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="SESSION_IDLE_MINUTES"):
        settings_of(SESSION_IDLE_MINUTES=value)
