"""A sheet as a clerk brings it."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError

from measures.packages import MOST_MB
from measures.resources.kinds import KINDS
from measures.resources.organ_sheet import ORGANS
from measures.resources.waiting import FORMS
from measures.tables import TableError, find
from measures.workbooks import WorkbookError, read
from organs.forms import OrganChoice
from organs.models import Organ, User
from organs.permissions import Right, scope

#: More rows take longer than a request may last; there is a command for them.
MOST_ON_A_PAGE = 20_000


class SheetForm(forms.Form):
    """Which form it is, for which organ where the sheet does not say, and the file."""

    kind = forms.ChoiceField(label="导入什么", choices=())
    home = OrganChoice(
        Organ.objects.none(),
        label="单位",
        help_text="表里没有“单位”一列时，都算这个单位的；导入机关单位时，没写上级的新单位放在它下面。",
    )
    file = forms.FileField(
        label="表格文件",
        help_text=f"XLSX、XLS 或 CSV，{MOST_MB}MB 以内。现有的表不用改样子：标题行、合并格、序号、合计、同上都认得。",
        widget=forms.FileInput({"accept": ".xlsx,.xls,.csv"}),
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organs = Organ.objects.filter(scope(by, Right.ENTER).q("path"))
        self.kept = Organ.objects.filter(scope(by, Right.ADMINISTER).q("path"))
        self.kinds = [*(KINDS.values() if self.organs else ())]
        offered = [(kind.name, kind.label) for kind in self.kinds]
        offered += [(ORGANS.name, ORGANS.label)] if self.kept else []
        cast(forms.ChoiceField, self.fields["kind"]).choices = offered
        home = cast(OrganChoice, self.fields["home"])
        home.queryset, home.empty_label = self.organs | self.kept, None

    def clean(self) -> dict[str, Any]:
        """Refuse what cannot be read, in words beside the file."""
        data = super().clean() or self.cleaned_data
        if "home" in data and "kind" in data:
            mine = self.kept if data["kind"] == ORGANS.name else self.organs
            if not mine.filter(pk=data["home"].pk).exists():
                self.add_error("home", "这个单位不由您录入、管理，请另选。")
        if "file" in data and "kind" in data:
            data["content"] = data["file"].read(MOST_MB * 1024 * 1024 + 1)
            try:
                found = find(read(data["content"]), FORMS[data["kind"]].columns)
                if len(found.lines) > MOST_ON_A_PAGE:
                    raise TableError(
                        f"表里有{len(found.lines)}行，网页上一次最多导入{MOST_ON_A_PAGE}行；"
                        "请拆成几份，或请系统管理员用命令导入。"
                    )
            except (WorkbookError, TableError) as error:
                self.add_error("file", ValidationError(str(error)))
        return data
