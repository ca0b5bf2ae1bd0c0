"""Quantities (数量): an exact amount, the range of what it may be, and the words it was given in."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from measures.numerals import plain, round_half_up
from measures.wording import QUALIFIER_LABELS, Qualifier, QuantityError, UnitSpec, read_words

__all__ = ["QUALIFIER_LABELS", "Qualifier", "Quantity", "QuantityError", "UnitSpec"]

# In a sum the vaguest part decides; whatever has a meaningful upper end becomes “between”.
_VAGUENESS = {Qualifier.EXACT: 0, Qualifier.AT_LEAST: 1, Qualifier.MORE: 2, Qualifier.OVER: 3}
_SAID_BEFORE = {
    Qualifier.AT_MOST: "不超过",
    Qualifier.BELOW: "不足",
    Qualifier.NEAR: "近",
    Qualifier.APPROX: "约",
}
_LOWER_ONLY = frozenset({Qualifier.AT_LEAST, Qualifier.MORE, Qualifier.OVER})


@dataclass(frozen=True)
class Quantity:
    """An amount as said and the range of what it may be, in a base unit; `high` None means no upper end."""

    amount: Decimal
    low: Decimal
    high: Decimal | None
    low_closed: bool = True
    high_closed: bool = True
    qualifier: Qualifier = Qualifier.EXACT
    unit: str = ""
    words: str = ""

    def __post_init__(self) -> None:
        for number in (self.amount, self.low, self.high):
            if number is not None and not (isinstance(number, Decimal) and number.is_finite()):
                raise TypeError("a quantity is made of finite Decimals")
        if self.high is None:
            object.__setattr__(self, "high_closed", False)
        elif self.low > self.high or (self.low == self.high and not (self.low_closed and self.high_closed)):
            raise QuantityError(f"“{self.words or plain(self.amount)}”这样说，没有一个数能满足，请检查。")

    @classmethod
    def exact(cls, amount: Decimal | int, unit: str, words: str = "") -> "Quantity":
        """Exactly this amount of a base unit."""
        number = Decimal(amount) if isinstance(amount, int) else amount
        return cls(number, number, number, unit=unit, words=words)

    @classmethod
    def zero(cls, unit: str) -> "Quantity":
        """Nothing of a base unit: what a sum begins with."""
        return cls.exact(0, unit)

    @classmethod
    def parse(
        cls,
        text: str,
        unit: UnitSpec,
        *,
        minimum: Decimal | None = None,
        maximum: Decimal | None = None,
        convertible: tuple[UnitSpec, ...] = (),
    ) -> "Quantity":
        """What a clerk types, with or without its unit; natural bounds are in `unit`; raises QuantityError."""
        said = read_words(text, unit, minimum, maximum, convertible)
        return cls(
            said.amount,
            said.low,
            said.high,
            said.low_closed,
            said.high_closed,
            said.qualifier,
            unit.stored_as,
            said.words,
        )

    @property
    def uncertain(self) -> bool:
        """Whether it may be more than one number, or was said as an approximation."""
        return self.low != self.high or self.qualifier is not Qualifier.EXACT

    @property
    def open_ended(self) -> bool:
        """Whether it has no upper end."""
        return self.high is None

    @property
    def range_words(self) -> str:
        """The range in plain Chinese: 74至82人, 74人以上."""
        return self._range(self._shown(self.unit))

    def range_in(self, unit: UnitSpec) -> str:
        """The same in another unit of the same base."""
        return self._range(self._shown(unit.symbol, unit.scale))

    def possible(self, value: Decimal) -> bool:
        """Whether it may be exactly this value."""
        return self.possibly_at_least(value) and self.possibly_at_most(value)

    def certainly_at_least(self, value: Decimal) -> bool:
        """Whether even its lowest possible value reaches this one."""
        return self.low >= value

    def possibly_at_least(self, value: Decimal) -> bool:
        """Whether its highest possible value reaches this one."""
        return self.high is None or self.high > value or (self.high == value and self.high_closed)

    def certainly_at_most(self, value: Decimal) -> bool:
        """Whether even its highest possible value stays within this one."""
        return self.high is not None and self.high <= value

    def possibly_at_most(self, value: Decimal) -> bool:
        """Whether its lowest possible value stays within this one."""
        return self.low < value or (self.low == value and self.low_closed)

    def __add__(self, other: "Quantity") -> "Quantity":
        """End by end; an open-ended part makes an open-ended sum; a sum has no words of its own."""
        if not isinstance(other, Quantity):
            return NotImplemented
        if self.unit != other.unit:
            raise QuantityError(f"“{self.unit}”和“{other.unit}”不能相加，请分开统计。")
        if self._is_zero or other._is_zero:
            # nothing added leaves a figure as it was said: 50余人 and a nil report make 50余人
            return self if not self._is_zero else other if not other._is_zero else Quantity.zero(self.unit)
        return Quantity(
            amount=self.amount + other.amount,
            low=self.low + other.low,
            high=None if self.high is None or other.high is None else self.high + other.high,
            low_closed=self.low_closed and other.low_closed,
            high_closed=self.high_closed and other.high_closed,
            qualifier=max(_in_sum(self.qualifier), _in_sum(other.qualifier), key=_vagueness),
            unit=self.unit,
        )

    @staticmethod
    def sum(parts: Sequence["Quantity"]) -> "Quantity":
        """All of at least one quantity added up, as + would one after the other, but in one go."""
        if len(parts) == 1:
            return parts[0]
        if units := {part.unit for part in parts} - {parts[0].unit}:
            raise QuantityError(f"“{parts[0].unit}”和“{min(units)}”不能相加，请分开统计。")
        said = [part for part in parts if not part._is_zero]
        if len(said) < 2:
            return said[0] if said else Quantity.zero(parts[0].unit)
        highs = [part.high for part in said if part.high is not None]
        return Quantity(
            amount=sum((part.amount for part in said), Decimal(0)),
            low=sum((part.low for part in said), Decimal(0)),
            high=sum(highs, Decimal(0)) if len(highs) == len(said) else None,
            low_closed=all(part.low_closed for part in said),
            high_closed=all(part.high_closed for part in said),
            qualifier=max((_in_sum(part.qualifier) for part in said), key=_vagueness),
            unit=parts[0].unit,
        )

    @staticmethod
    def ends(parts: Sequence["Quantity"]) -> tuple["Quantity", "Quantity"] | None:
        """The one that may be the lowest of all, and the one that may be the highest; where alike, the surer one."""
        if not parts:
            return None
        lowest = min(parts, key=lambda part: (part.low, not part.low_closed, part.uncertain))
        return lowest, max(
            parts,
            key=lambda part: (
                part.open_ended,
                part.low if part.high is None else part.high,
                part.high_closed,
                not part.uncertain,
            ),
        )

    def __radd__(self, other: int) -> "Quantity":
        """Lets sum() begin with its 0."""
        return self if other == 0 else NotImplemented

    def __str__(self) -> str:
        return self.words or self._said(self._shown(self.unit))

    def say(self, unit: UnitSpec | None = None, places: int | None = None) -> str:
        """As said, or in another unit of the same base (元 → 万元, exact), or rounded half up to `places`."""
        if unit is None and places is None:
            return str(self)
        if unit is not None and unit.stored_as != self.unit:
            raise QuantityError(f"“{self.unit}”不能换算成“{unit.symbol}”。")
        symbol, scale = (unit.symbol, unit.scale) if unit else (self.unit, Decimal(1))
        if places is None and self.words and (symbol == self.unit or symbol in self.words):
            return self.words
        return self._said(self._shown(symbol, scale, places))

    @property
    def bounds(self) -> str:
        """The brackets of its range as PostgreSQL writes them: [], [), (], ()."""
        return ("[" if self.low_closed else "(") + ("]" if self.high_closed else ")")

    @property
    def _is_zero(self) -> bool:
        return self.qualifier is Qualifier.EXACT and self.low == 0 == self.high

    @staticmethod
    def _shown(symbol: str, scale: Decimal = Decimal(1), places: int | None = None) -> "_Shown":
        return _Shown(symbol, scale, places if places is not None else 2 if symbol == "%" else 6)

    def _said(self, show: "_Shown") -> str:
        if self.qualifier is Qualifier.EXACT:
            return show(self.amount)
        if self.qualifier in _SAID_BEFORE:
            return _SAID_BEFORE[self.qualifier] + show(self.amount)
        if self.qualifier is Qualifier.AT_LEAST:
            return show(self.low) + "以上"
        if self.qualifier in _LOWER_ONLY:
            # closed ends of these belong to whole units, where above 73 begins at 74
            return "超过" + show(self.low - 1 if self.low_closed else self.low)
        return self._range(show)

    def _range(self, show: "_Shown") -> str:
        if self.low == self.high:
            return show(self.low)
        start = show(self.low) + "以上" if self.low_closed else "超过" + show(self.low)
        if self.high is None:
            return start
        if self.low_closed and self.high_closed:
            return f"{show.number(self.low)}至{show(self.high)}"
        return f"{start}、" + ("不超过" if self.high_closed else "不足") + show(self.high)


@dataclass(frozen=True)
class _Shown:
    """Prints stored amounts in a unit, rounded half up to at most so many places."""

    symbol: str
    scale: Decimal
    places: int

    def number(self, amount: Decimal) -> str:
        return plain(round_half_up(amount / self.scale, self.places))

    def __call__(self, amount: Decimal) -> str:
        return self.number(amount) + self.symbol


def _in_sum(qualifier: Qualifier) -> Qualifier:
    return qualifier if qualifier in _VAGUENESS else Qualifier.BETWEEN


def _vagueness(qualifier: Qualifier) -> int:
    return _VAGUENESS.get(qualifier, len(_VAGUENESS))
