"""Forms of the plain pages for accounts."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone

from organs.accounts import Post, proposed_name, refused_role
from organs.forms import DayField
from organs.models import Membership, Organ, Role, User
from organs.pinyin import sounds_like
from organs.typed import half_width

#: Within which a role begins.
EARLIEST, LATEST = date(1949, 1, 1), date(2100, 12, 31)
NO_SUCH_YEAR = f"年份要在{EARLIEST.year}到{LATEST.year}之间，请核对。"


def _folded(text: str) -> str:
    return half_width(text).lower().replace(" ", "")


def full_names(organs: Sequence[Organ]) -> dict[int, str]:
    """By key what means one organ alone among these: its name, after its superior's where several share it (示范县/甲局)."""
    by_path, called = {organ.path: organ for organ in organs}, Counter(organ.name for organ in organs)
    names = {organ.pk: organ.name for organ in organs}
    for organ in organs:
        above = by_path.get(organ.path[: -organ.steplen])
        if above and called[organ.name] > 1:
            names[organ.pk] = f"{above.name}/{organ.name}"
    return names


class OrganField(forms.CharField):
    """An organ as people write it: its full or short name, or letters of its sound if they fit only one."""

    widget = forms.TextInput(attrs={"list": "organs", "autocomplete": "off"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label="单位", **kwargs)
        self.organs: Sequence[Organ] = ()

    def clean(self, value: Any) -> Any:
        """The organ; ValidationError with a sentence for none or several."""
        typed = super().clean(value)
        return self._organ(_folded(typed), typed) if typed else None

    def _organ(self, asked: str, typed: str) -> Organ:
        names = full_names(self.organs)
        found = [o for o in self.organs if asked == _folded(names[o.pk])]
        found = found or [o for o in self.organs if asked == _folded(o.name)]
        found = found or [o for o in self.organs if asked == _folded(o.short_name)]
        found = found or [o for o in self.organs if sounds_like(asked, o.name, o.short_name)]
        if not found:
            raise ValidationError(f"您管理的单位里没有“{typed[:30]}”，请写全称或简称。")
        if len(found) > 1:
            named = "、".join(names[organ.pk] for organ in found[:3])
            raise ValidationError(f"“{typed[:30]}”可能是{named}{'等' * (len(found) > 3)}，请写全称。")
        return found[0]


class PostForm(forms.Form):
    """A role on an organ within what the steward administers."""

    organ = OrganField(help_text="写全称、简称或拼音首字母（如 wjj），从下拉里选。")
    role = forms.ChoiceField(
        label="角色",
        choices=Role.choices,
        initial=Role.CLERK,
        error_messages={"invalid_choice": "没有“%(value)s”这种角色，请写填报员、审核员、领导或工委管理员。"},
    )
    with_below = forms.BooleanField(
        label="含下级", required=False, help_text="勾选后，对这个单位的所有下级单位同样有效。"
    )

    def __init__(
        self, *args: Any, by: User, organs: Sequence[Organ], user: User | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.by, self.user, self.organs = by, user, organs
        cast(OrganField, self.fields["organ"]).organs = organs
        if not by.is_superuser:
            offered = [(role, name) for role, name in Role.choices if role != Role.AUDITOR]
            cast(forms.Select, self.fields["role"].widget).choices = offered

    @property
    def post(self) -> Post:
        """What was asked for, of a form without errors."""
        asked = self.cleaned_data
        return Post(asked["organ"], asked["role"], asked["with_below"])

    def clean(self) -> dict[str, Any]:
        """Refuses what the steward may not give."""
        data = super().clean() or self.cleaned_data
        if data.get("organ") and data.get("role"):
            for name, refused in refused_role(self.by, self.user, self.post).items():
                self.add_error(name or None, refused)
        return data


class MoveForm(PostForm):
    """A role from a day on."""

    first_day = DayField(
        label="从哪天起",
        widget=forms.DateInput,
        help_text="如 2024-06-30 或 2024年6月30日；调岗的，原任职到前一天为止。",
        validators=[MinValueValidator(EARLIEST, NO_SUCH_YEAR), MaxValueValidator(LATEST, NO_SUCH_YEAR)],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first_day"].initial = timezone.localdate


class AccountForm(PostForm):
    """A new account with its first role; `taken` are user names that rows before it ask for."""

    name = forms.CharField(label="姓名", max_length=50)
    username = forms.CharField(
        label="用户名", max_length=150, required=False, help_text="登录用；不填就用姓名的拼音。"
    )
    job = forms.CharField(
        label="职务", max_length=50, required=False, help_text="如“机关党办主任”，溯源卡上显示。"
    )
    field_order = ("name", "username", "job", "organ", "role", "with_below")

    def __init__(self, *args: Any, taken: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.taken = taken
        if not self.is_bound:
            self.fields["name"].widget.attrs["autofocus"] = True
        self.made = User()

    def clean_username(self) -> str:
        """As it is typed at the sign-in page, or the proposed one; not one that another row has."""
        name: str = self.cleaned_data.get("name", "")
        typed = half_width(self.cleaned_data["username"])
        if typed and typed in self.taken:
            raise ValidationError("前面一行已经用了这个用户名。")
        if not (chosen := typed or proposed_name(name, self.taken)) and name:
            raise ValidationError("从姓名看不出拼音，请填用户名。")
        return chosen

    def clean(self) -> dict[str, Any]:
        """Refuses a name that is taken, and the same person in the same role twice, as when a page is sent again."""
        data = super().clean()
        account = User(username=data.get("username", ""), name=data.get("name", ""), post=data.get("job", ""))
        unsaid = {"username"} if "username" in self.errors or not data.get("username") else set()
        try:
            account.full_clean(exclude={"password", "name", "post", *unsaid})
        except ValidationError as error:
            self.add_error(None, error)
        if data.get("organ") and data.get("role") and not self.data.get("username"):
            self._refuse_twice(data)
        self.made = account
        return data

    def _refuse_twice(self, data: dict[str, Any]) -> None:
        held = Membership.objects.filter(
            organ=data["organ"], role=data["role"], user__name=data.get("name", "")
        )
        if twice := held.select_related("user").first():
            self.add_error(
                "name",
                f"“{twice.user}”在{data['organ'].label}已有{twice.get_role_display()}账号"
                f"（{twice.user.username}）；确实是同名的另一个人，请自己写用户名。",
            )
