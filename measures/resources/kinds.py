"""The forms that a sheet may be: which columns they have, and what a row of them says."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from measures.forms.fields import PeriodField
from measures.models import (
    Action,
    Activity,
    Honour,
    HonourLevel,
    Metric,
    Observation,
    Pillar,
    Source,
    Target,
)
from measures.outline.sorting import kind_of
from measures.quantity import Quantity
from measures.resources import cells
from measures.resources.kind import MARK, ORGAN, Kind, Said, beside, figure, listed
from measures.resources.known import Known
from measures.tables import Column
from measures.totals import COVERAGE_LABELS, PRESENCE_LABELS, Coverage, Presence
from organs.models import Organ
from organs.sheets import Cell

_TITLES = ("具体举措", "工作举措", "任务", "工作任务", "事项")
#: What is done: the title where no other column is.
_MEASURES = ("工作措施", "具体措施", "措施")


class Actions(Kind):
    """Ledger lines (举措)."""

    name, label, model = "actions", "举措", Action
    foreign = ("organ", "pillar__campaign", "pillar__organ", "kind", "theme")
    columns = (
        ORGAN,
        Column("campaign", "创建活动", ("年度", "活动年度")),
        Column("pillar", "创建支柱", ("支柱", "抓手", "创建抓手", "标题"), needed=True),
        Column("title", "举措", ("举措名称", *_TITLES, *_MEASURES), needed=True),
        Column("kind", "类别", ("举措类别",)),
        Column("what", "具体内容", ("内容", "主要内容", "工作内容", *_MEASURES)),
        Column("leader", "责任领导", ("分管领导", "牵头领导")),
        Column("office", "责任科室", ("责任部门", "科室", "责任股室", "股室")),
        Column("start_day", "开始日期", ("开始时间", "起始日期")),
        Column("due_day", "完成时限", ("时限", "完成日期要求", "截止日期", "完成时间")),
        Column("progress", "进展", ("进展情况", "完成情况", "工作进展")),
        Column("problem", "存在问题", ("问题", "困难问题")),
        Column("theme", "标准主题", ("主题",)),
        Column("order", "次序", ("排序",)),
        MARK,
    )
    plain = {
        **dict.fromkeys(("title", "what", "leader", "office", "progress", "problem"), cells.text),
        "start_day": cells.day,
        "due_day": cells.due_day,
        "order": cells.whole,
    }
    example = {
        "pillar": "着力政治建设抓创建",
        "title": "支部书记讲党课",
        "kind": "学习教育",
        "leader": "分管副局长",
        "office": "机关党办",
        "due_day": "2024-12-31",
    }

    def relate(
        self, known: Known, organ: Organ, line: Mapping[str, str], heads: Mapping[str, str], said: Said
    ) -> None:
        """Heading, kind and theme by their names; a kind that is not written is proposed."""
        campaign = None
        if line.get("campaign"):
            with beside("campaign", said):
                campaign = known.campaigns.one(line["campaign"])
        if line.get("pillar"):
            with beside("pillar", said):
                said.values["pillar"] = known.pillar(line["pillar"], organ, campaign)
        for key, names in (("kind", known.kinds), ("theme", known.themes)):
            if line.get(key):
                with beside(key, said):
                    said.values[key] = names.one(line[key])
        if pillar := said.values.get("pillar"):
            self._fit(known, pillar, line, said)
        if (first := said.values.get("start_day")) and (due := said.values.get("due_day")) and first > due:
            said.wrong.setdefault("due_day", "完成时限不能早于开始日期。")

    def _fit(self, known: Known, pillar: Pillar, line: Mapping[str, str], said: Said) -> None:
        """What the heading tells of a due day without its year, and of a kind."""
        values = said.values
        if due := line.get("due_day"):
            cells.fit_due(due, values, said.proposed, pillar.campaign)
        if not line.get("kind") and "title" in values:
            name = kind_of(values["title"], values.get("what", ""), pillar.theme.name)
            if found := known.kinds.called(name):
                said.proposed["kind"] = found[0]
            else:
                said.wrong["kind"] = "看不出是哪一类，请加上“类别”这一列写明。"

    def written(self, known: Known, row: Action) -> dict[str, Cell]:
        """Names of what it belongs to."""
        return {
            "campaign": row.pillar.campaign.name,
            "pillar": row.pillar.heading,
            "kind": row.kind.name,
            "theme": row.theme.name if row.theme else "",
        }

    def identity(self, row: Action) -> tuple[Any, ...] | None:
        """Its heading and its title."""
        return (row.pillar_id, cells.folded(row.title)) if row.pillar_id and row.title else None


class Activities(Kind):
    """Held activities (活动)."""

    name, label, model = "activities", "活动", Activity
    foreign = ("organ", "action__organ", "action__pillar__campaign")
    columns = (
        ORGAN,
        Column("action", "举措", ("所属举措", "对应举措", "任务"), needed=True),
        Column("day", "日期", ("活动日期", "时间", "活动时间", "举办日期"), needed=True),
        Column("title", "活动名称", ("活动", "名称", "活动主题", "活动内容"), needed=True),
        Column("place", "地点", ("活动地点",)),
        Column("expected", "应到人数", ("应到", "应参加人数")),
        Column("attended", "实到人次", ("实到", "参加人数", "参加人次", "参与人次", "实到人数", "人次")),
        Column("note", "备注"),
        MARK,
    )
    plain = {
        **dict.fromkeys(("title", "place", "note"), cells.text),
        "day": cells.past_day,
        "expected": cells.whole,
        "attended": cells.whole,
    }
    example = {"action": "支部书记讲党课", "day": "2024-03-05", "title": "第一季度党课", "attended": "56"}

    def relate(
        self, known: Known, organ: Organ, line: Mapping[str, str], heads: Mapping[str, str], said: Said
    ) -> None:
        """The line by its title."""
        if line.get("action"):
            with beside("action", said):
                day = said.values.get("day")
                said.values["action"] = known.action(line["action"], organ, (day, day) if day else None)

    def written(self, known: Known, row: Activity) -> dict[str, Cell]:
        """The name of its line."""
        return {"action": known.name_of(row.action, (row.day, row.day))}

    def identity(self, row: Activity) -> tuple[Any, ...] | None:
        """Its line, day and title."""
        return (row.action_id, row.day, cells.folded(row.title)) if row.action_id and row.day else None


class Observations(Kind):
    """Figures (数值)."""

    name, label, model = "observations", "数值", Observation
    foreign = ("organ", "metric__unit__base", "metric__owner", "metric__pair__unit", "pillar__campaign")
    columns = (
        ORGAN,
        Column("metric", "成效指标", ("指标", "指标名称"), needed=True),
        Column("unit", "计量单位"),
        Column("period", "期间", ("统计期", "填报期间", "时间"), needed=True),
        Column("quantity", "数值", ("填报值", "完成数", "实际完成", "数量"), needed=True),
        Column("numerator", "分子"),
        Column("denominator", "分母"),
        Column("absence", "不适用的理由", ("不适用理由",)),
        Column("coverage", "统计口径", ("口径",)),
        Column("actions", "所属举措", ("举措", "对应举措")),
        Column("pillar", "所属支柱", ("创建支柱", "支柱")),
        Column("phrase", "出处原话", ("原话", "出处")),
        Column("remark", "说明", ("备注",)),
        MARK,
    )
    plain = {
        **dict.fromkeys(("absence", "phrase", "remark"), cells.text),
        "coverage": cells.choice({COVERAGE_LABELS[kind]: kind.value for kind in Coverage}),
    }
    example = {
        "metric": "窗口服务群众",
        "period": "2024年一季度",
        "quantity": "1400余",
        "phrase": "服务群众1400余人次",
    }

    def relate(
        self, known: Known, organ: Organ, line: Mapping[str, str], heads: Mapping[str, str], said: Said
    ) -> None:
        """Metric, period, the figure in the metric's unit, the lines and the heading it belongs to."""
        values = said.values
        values["organ"], values["source"] = organ, Source.IMPORTED.value
        if line.get("metric"):
            with beside("metric", said):
                values["metric"] = known.metric(line["metric"], line.get("unit", ""), organ)
        if line.get("period"):
            with beside("period", said):
                values["period"] = cells.period(line["period"])
        if line.get("quantity") and "metric" in values:
            with beside("quantity", said):
                values |= self._figure(known, values["metric"], line, heads.get("quantity", ""))
        for key in ("numerator", "denominator"):
            if line.get(key):
                with beside(key, said):
                    values[key] = cells.amount(line[key])
        period = values.get("period")
        if line.get("actions"):
            days = (period.start, period.last) if period else None
            with beside("actions", said):
                said.links["actions"] = [
                    known.action(name, organ, days) for name in self._names(known, line["actions"], organ)
                ]
        if line.get("pillar"):
            with beside("pillar", said):
                values["pillar"] = known.pillar(line["pillar"], organ, day=period and period.start)
        if values.get("presence") == Presence.NOT_APPLICABLE.value and not values.get("absence"):
            said.wrong.setdefault("absence", "写了“不适用”，请写明理由。")
        if ("numerator" in values) != ("denominator" in values):
            said.wrong.setdefault("denominator", "分子和分母要一起填。")

    @staticmethod
    def _names(known: Known, text: str, organ: Organ) -> list[str]:
        """The names of lines in one cell; a title may itself hold the marks that part them."""
        called = known.actions_of(organ).called
        parts = [part.strip() for part in re.split("[;；\n]", text) if part.strip()]
        return [name for part in parts for name in ([part] if called(part) else listed(part))]

    def left_out(self, line: Mapping[str, str]) -> str:
        """A metric without a figure."""
        said = ("quantity", "numerator", "denominator", "absence")
        return "" if any(map(line.get, said)) else "没有填数"

    @staticmethod
    def _figure(known: Known, metric: Metric, line: Mapping[str, str], head: str) -> dict[str, Any]:
        """Presence and quantity: 零报告 and 不适用 in words, all else as a figure."""
        words = {label: kind for kind, label in PRESENCE_LABELS.items() if kind is not Presence.VALUE}
        if (presence := words.get(line["quantity"])) is Presence.NIL:
            return {"presence": presence.value, "quantity": Quantity.zero(metric.unit.spec.stored_as)}
        if presence:
            return {"presence": presence.value, "quantity": None}
        said = figure(known, metric, line["quantity"], line.get("unit", ""), head)
        return {"presence": Presence.VALUE.value, "quantity": said}

    def written(self, known: Known, row: Observation) -> dict[str, Cell]:
        """The figure as it was said, and names of what it belongs to."""
        days = (row.period.start, row.period.last)
        return {
            "metric": str(row.metric),
            "unit": row.metric.unit.symbol,
            "period": PeriodField().prepare_value(row.period),
            "quantity": row.said,
            "numerator": row.numerator,
            "denominator": row.denominator,
            "coverage": COVERAGE_LABELS[Coverage(row.coverage)],
            "actions": "；".join(known.name_of(action, days) for action in row.actions.all()),
            "pillar": f"{row.pillar.heading}（{row.pillar.campaign}）" if row.pillar else "",
        }

    def identity(self, row: Observation) -> tuple[Any, ...] | None:
        """Its metric, organ and days."""
        if not row.metric_id or row.period is None:
            return None
        return (row.metric_id, row.organ_id, row.period.start, row.period.end)

    def neighbours(self, row: Observation) -> Any:
        """Metric and organ."""
        return row.metric_id, row.organ_id

    def clash(self, row: Observation, stored: Sequence[Observation]) -> str:
        """A figure that counts already for some of its days."""
        for other in stored:
            if other.is_current and other.period.overlaps(row.period):
                return f"这段时间已有审核过的{other.said}（{other.period.label}），请打开它用“更正”。"
        return ""


class Targets(Kind):
    """Targets (目标)."""

    name, label, model = "targets", "目标", Target
    foreign = ("organ", "metric__unit__base", "metric__owner", "campaign")
    columns = (
        ORGAN,
        Column("campaign", "创建活动", ("年度", "活动年度"), needed=True),
        Column("metric", "成效指标", ("指标", "指标名称"), needed=True),
        Column("unit", "计量单位"),
        Column("baseline", "基线", ("基数", "原值")),
        Column("baseline_day", "基线日期", ("基数日期",)),
        Column("baseline_note", "基线说明"),
        Column("value", "目标值", ("目标", "年度目标", "目标数")),
        Column("phrase", "出处原话", ("原话", "出处")),
        MARK,
    )
    plain = {"baseline_day": cells.past_day, **dict.fromkeys(("baseline_note", "phrase"), cells.text)}
    example = {"campaign": "2024", "metric": "窗口服务群众", "value": "2000以上"}

    def relate(
        self, known: Known, organ: Organ, line: Mapping[str, str], heads: Mapping[str, str], said: Said
    ) -> None:
        """Campaign, metric and both figures in its unit."""
        values = said.values
        values["organ"] = organ
        if line.get("campaign"):
            with beside("campaign", said):
                values["campaign"] = known.campaigns.one(line["campaign"])
        if line.get("metric"):
            with beside("metric", said):
                values["metric"] = known.metric(line["metric"], line.get("unit", ""), organ)
        for key in ("baseline", "value"):
            if line.get(key) and "metric" in values:
                with beside(key, said):
                    metric, unit = values["metric"], line.get("unit", "")
                    values[key] = figure(known, metric, line[key], unit, heads.get(key, ""))
        if not line.get("baseline") and not line.get("value"):
            said.wrong.setdefault("value", "基线和目标值至少填一个。")

    def written(self, known: Known, row: Target) -> dict[str, Cell]:
        """Both figures as they were said."""
        return {
            "campaign": row.campaign.name,
            "metric": str(row.metric),
            "unit": row.metric.unit.symbol,
            "baseline": str(row.baseline) if row.baseline else "",
            "value": str(row.value) if row.value else "",
        }

    def identity(self, row: Target) -> tuple[Any, ...] | None:
        """Its metric, organ and campaign."""
        return (row.metric_id, row.organ_id, row.campaign_id) if row.metric_id and row.campaign_id else None


class Honours(Kind):
    """Honours (荣誉)."""

    name, label, model = "honours", "荣誉", Honour
    foreign = ("organ", "pillar__campaign")
    columns = (
        ORGAN,
        Column("title", "名称", ("荣誉名称", "荣誉", "表彰名称", "奖项"), needed=True),
        Column("level", "级别", ("荣誉级别", "表彰级别"), needed=True),
        Column("issuer", "授予单位", ("颁发单位", "表彰单位", "授予机关")),
        Column("recipient", "获得者", ("获奖单位", "获得单位", "受表彰单位"), needed=True),
        Column("year", "年度", ("获奖年度", "年份"), needed=True),
        Column("day", "授予日期", ("获奖时间", "授予时间", "表彰时间")),
        Column("date_words", "日期原话"),
        Column("streak_years", "连续年数"),
        Column("valid_until", "有效期至"),
        Column("pillar", "所属支柱", ("创建支柱", "支柱")),
        Column("note", "备注"),
        MARK,
    )
    plain = {
        **dict.fromkeys(("title", "issuer", "recipient", "date_words", "note"), cells.text),
        "level": cells.choice({level.label: level.value for level in HonourLevel}),
        "year": cells.year,
        "day": cells.past_day,
        "streak_years": cells.whole,
        "valid_until": cells.day,
    }
    example = {"title": "先进基层党组织", "level": "市级", "recipient": "示例局机关党支部", "year": "2024"}

    def relate(
        self, known: Known, organ: Organ, line: Mapping[str, str], heads: Mapping[str, str], said: Said
    ) -> None:
        """The heading by its words."""
        values = said.values
        values["organ"] = organ
        if "day" in values and "year" in values and values["day"].year != values["year"]:
            said.wrong.setdefault("year", "年度与授予日期不是同一年。")
        if values.get("streak_years", 2) < 2:
            said.wrong.setdefault("streak_years", "连续年数至少是2；只有一年的不填。")
        if line.get("pillar"):
            with beside("pillar", said):
                values["pillar"] = known.pillar(line["pillar"], organ)

    def written(self, known: Known, row: Honour) -> dict[str, Cell]:
        """The level in words, and its heading."""
        return {
            "level": row.get_level_display(),
            "pillar": f"{row.pillar.heading}（{row.pillar.campaign}）" if row.pillar else "",
        }

    def identity(self, row: Honour) -> tuple[Any, ...] | None:
        """Its organ, title, year and recipient."""
        if not row.title or not row.year:
            return None
        return (row.organ_id, cells.folded(row.title), row.year, cells.folded(row.recipient))


KINDS: dict[str, Kind] = {
    kind.name: kind for kind in (Actions(), Activities(), Observations(), Targets(), Honours())
}
