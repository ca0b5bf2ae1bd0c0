"""Units that tests count in."""

#: Symbol: dimension, whole, scale, symbol of the base unit.
UNITS: dict[str, tuple[str, bool, int, str]] = {
    "个": ("个数", True, 1, ""),
    "户": ("户数", True, 1, ""),
    "人": ("人数", True, 1, ""),
    "人次": ("人次", True, 1, ""),
    "次": ("次数", True, 1, ""),
    "场": ("场次", True, 1, ""),
    "项": ("项数", True, 1, ""),
    "位": ("位次", True, 1, ""),
    "%": ("比率", False, 1, ""),
    "元": ("金额", False, 1, ""),
    "万元": ("金额", False, 10_000, "元"),
}
