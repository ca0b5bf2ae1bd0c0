"""The ground of the demonstration: organs, people and their roles, catalogue and campaign."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from measures.ledger import create
from measures.models import ActionKind, Campaign, Participation, Theme, Unit
from organs.door import OrganDoor
from organs.models import Membership, Organ, Role, User

_ORGAN_FIELDS = ("name", "short_name", "kind", "party_kind", "office", "telephone")


def load_catalogue(spec: dict[str, Any]) -> Organ:
    """Make what catalogue.json lists, with its audit events, and return the root; must run in a transaction."""
    organs = _organs(spec["organs"])
    people = _people(spec["people"], organs)
    root, steward = organs[spec["organs"][0]["name"]], people["steward"]
    load_basics(spec, by=steward)
    campaign = Campaign(
        name=spec["campaign"]["name"],
        owner=root,
        first_day=date.fromisoformat(spec["campaign"]["first_day"]),
        last_day=date(timezone.localdate().year, 12, 31),
    )
    create(campaign, by=steward)
    for each in spec["organs"]:
        if each.get("takes_part"):
            create(Participation(campaign=campaign, organ=organs[each["name"]]), by=steward)
    return root


def load_basics(spec: dict[str, Any], *, by: User) -> int:
    """Make the themes, kinds of action and units that are not there yet; returns how many were made."""
    made = 0
    for order, (name, short_name) in enumerate(spec["themes"], 1):
        if not Theme.objects.filter(name=name).exists():
            create(Theme(name=name, short_name=short_name, order=order), by=by)
            made += 1
    for order, name in enumerate(spec["kinds"], 1):
        if not ActionKind.objects.filter(name=name).exists():
            create(ActionKind(name=name, order=order), by=by)
            made += 1
    return made + _units(spec["units"], by=by)


def _organs(specs: list[dict[str, Any]]) -> dict[str, Organ]:
    organs: dict[str, Organ] = {}
    for spec in specs:
        organ = Organ(**{name: spec[name] for name in _ORGAN_FIELDS if name in spec})
        organ.superior = organs.get(spec.get("under", ""))
        OrganDoor().create(organ, by=None)
        organs[organ.name] = organ
    return organs


def _people(specs: list[dict[str, Any]], organs: dict[str, Organ]) -> dict[str, User]:
    """Accounts without passwords; each holds its role on its organ and all below."""
    people = {}
    for spec in specs:
        user = User(username=spec["username"], name=spec["name"], post=spec["post"])
        user.set_unusable_password()
        membership = Membership(
            user=user, organ=organs[spec["organ"]], role=Role(spec["role"]), with_below=True
        )
        for row in (user, membership):
            OrganDoor().create(row, by=None)
        people[user.username] = user
    return people


def _units(specs: list[dict[str, Any]], *, by: User) -> int:
    units = {unit.symbol: unit for unit in Unit.objects.all()}
    there = len(units)
    for spec in specs:
        if spec["symbol"] in units:
            continue
        unit = Unit(
            symbol=spec["symbol"],
            dimension=spec["dimension"],
            whole=spec.get("whole", True),
            scale=Decimal(spec.get("scale", "1")),
            base=units.get(spec.get("base", "")),
        )
        create(unit, by=by)
        units[unit.symbol] = unit
    return len(units) - there
