"""Everything of an organ taken along by a steward (整套带走), as one file."""

from typing import Any, cast

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from measures.wholesale import MOST_MB, MOST_ROWS, packed, size_of
from organs.forms import OrganChoice
from organs.models import Organ
from organs.permissions import Right, SignedInRequest, scope
from organs.sheets import file_safe


class EverythingForm(forms.Form):
    """Which organ, with those below it."""

    organ = OrganChoice(Organ.objects.none(), label="单位", help_text="连同它的下级单位。")

    def __init__(self, *args: Any, request: SignedInRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organ = cast(OrganChoice, self.fields["organ"])
        organ.queryset = Organ.objects.filter(scope(request.user, Right.ADMINISTER).q("path"))
        organ.empty_label = None

    def clean_organ(self) -> Organ:
        """Refuse what a request would not last for."""
        organ = cast(Organ, self.cleaned_data["organ"])
        rows, megabytes = size_of(organ)
        if rows > MOST_ROWS or megabytes > MOST_MB:
            raise forms.ValidationError(
                f"“{organ.label}”连同下级有{rows}条、佐证文件{megabytes}MB，网页上最多{MOST_ROWS}条、{MOST_MB}MB；"
                "请选下级单位分开导出，或请系统管理员用命令导出。"
            )
        return organ


@require_http_methods(["GET", "HEAD", "POST"])
def everything(request: SignedInRequest) -> HttpResponseBase:
    """A form; sent, the file."""
    if not scope(request.user, Right.ADMINISTER):
        raise PermissionDenied
    form = EverythingForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        organ = form.cleaned_data["organ"]
        name = f"{file_safe(organ.label)}全部数据{timezone.localdate():%Y%m%d}.zip"
        return FileResponse(packed(organ, by=request.user), as_attachment=True, filename=name)
    return render(request, "measures/everything.html", {"form": form})
