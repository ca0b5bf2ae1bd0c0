"""A proposal of an article as a form: what is to become of it, and what it says."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from measures.articles.proposing import Proposal
from measures.forms.fields import PeriodField
from measures.models import HonourLevel
from organs.forms import WholeField, has_personal_number

_TEXT = {"autocomplete": "off"}


class ChoiceForm(forms.Form):
    """A proposal as a form: what is to become of it, and what it says."""

    do = forms.CharField(required=False)

    def __init__(self, data: Any, proposal: Proposal) -> None:
        super().__init__(
            data,
            prefix=proposal.key,
            initial={"do": "", **proposal.fields},
            empty_permitted=True,
            use_required_attribute=False,
        )
        self.proposal = proposal
        for name, bound in self.fields.items():
            bound.widget.attrs |= {**_TEXT, "aria-label": f"{proposal.title}：{bound.label or name}"}

    @property
    def chosen(self) -> str:
        """What was chosen; empty where nothing was yet."""
        return str(self["do"].value() or "")

    def typed(self, name: str) -> str:
        """What stands in a field."""
        return str(self.cleaned_data.get(name) or "").strip()

    def personal(self) -> bool:
        """Whether a personal number seems to stand in it."""
        return any(has_personal_number(str(value)) for value in self.cleaned_data.values())


class FigureForm(ChoiceForm):
    """A figure: of which metric, how much, when."""

    other = forms.CharField(label="其他指标", required=False, max_length=80)
    name = forms.CharField(label="新指标名称", required=False, max_length=60)
    unit = forms.CharField(label="计量单位", required=False, max_length=10)
    said = forms.CharField(label="数值", required=False, max_length=60)
    period = PeriodField(label="期间", required=False, help_text="不填就是上面选的期间。")
    was = forms.CharField(label="原来的数", required=False, max_length=60)

    def __init__(self, data: Any, proposal: Proposal) -> None:
        super().__init__(data, proposal)
        self.fields["other"].widget.attrs["list"] = "known-metrics"
        self.fields["unit"].widget.attrs["list"] = "known-units"
        self.fields["period"].widget.attrs["placeholder"] = "同上面的期间"


class HonourForm(ChoiceForm):
    """An honour: what it is called, who gave it, to whom, when."""

    title = forms.CharField(label="名称", required=False, max_length=100)
    level = forms.ChoiceField(label="级别", required=False, choices=[("", "请选级别"), *HonourLevel.choices])
    issuer = forms.CharField(label="授予单位", required=False, max_length=60)
    recipient = forms.CharField(label="获得者", required=False, max_length=60)
    year = WholeField(label="年度", required=False)
    streak = WholeField(label="连续年数", required=False)


class HeadingForm(ChoiceForm):
    """A heading, and the theme that it is compared by."""

    heading = forms.CharField(label="标题", required=False, max_length=100)
    theme = forms.CharField(label="标准主题", required=False, max_length=20)

    def __init__(self, data: Any, proposal: Proposal) -> None:
        super().__init__(data, proposal)
        self.fields["theme"].widget.attrs["list"] = "known-themes"


class StepForm(ChoiceForm):
    """An action, its kind and the heading that it stands under."""

    title = forms.CharField(label="举措", required=False, max_length=100)
    kind = forms.CharField(label="类别", required=False, max_length=20)
    pillar = forms.CharField(label="所属支柱", required=False, max_length=100)

    def __init__(self, data: Any, proposal: Proposal) -> None:
        super().__init__(data, proposal)
        self.fields["kind"].widget.attrs["list"] = "known-kinds"
        self.fields["pillar"].widget.attrs["list"] = "known-pillars"


FORMS: Mapping[str, type[ChoiceForm]] = {
    "heading": HeadingForm,
    "step": StepForm,
    "figure": FigureForm,
    "honour": HonourForm,
}


def bound(
    proposals: Sequence[Proposal], data: Mapping[str, Any] | None, *, confident: bool = False
) -> list[ChoiceForm]:
    """A form for each proposal that is still open, with what was typed; `confident` also chooses what is plain."""
    found = []
    for proposal in proposals:
        if proposal.done:
            continue
        sent = _filled(proposal, data)
        if confident and proposal.sure and not sent[f"{proposal.key}-do"]:
            sent[f"{proposal.key}-do"] = proposal.advice
        found.append(FORMS[proposal.kind](sent, proposal))
    return found


def _filled(proposal: Proposal, data: Mapping[str, Any] | None) -> dict[str, Any]:
    """What was typed for a proposal; where nothing was sent of it, what it proposes."""
    fields = FORMS[proposal.kind].base_fields
    if data is not None and any(f"{proposal.key}-{name}" in data for name in fields):
        return {f"{proposal.key}-{name}": data.get(f"{proposal.key}-{name}", "") for name in fields}
    told = {"do": "", **proposal.fields}
    return {f"{proposal.key}-{name}": told.get(name, "") for name in fields}
