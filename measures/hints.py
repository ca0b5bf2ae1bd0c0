"""Hints for a first visit: one line of the handbook on a few pages, put away for good by whoever has read it."""

from django.http import HttpRequest

#: The term of the handbook by the name of the page.
HINTS = {
    "overview": "初看总览",
    "review": "初次审核",
    "home": "初次登录",
    "entry_figures": "初填数值",
    "admin:measures_observation_add": "初填数值",
    "accounts": "初建账号",
}


def hint_for(request: HttpRequest) -> str:
    """The term of the page's hint; empty where there is none, or where the person has put it away."""
    user, match = getattr(request, "user", None), request.resolver_match
    term = HINTS.get(match.view_name, "") if match else ""
    if not term or user is None or not user.is_authenticated or term in user.hints_away:
        return ""
    return term
