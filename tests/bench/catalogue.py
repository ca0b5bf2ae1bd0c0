"""What the made county measures."""

from dataclasses import dataclass

from measures.models import Metric, Nature
from measures.period import PeriodKind
from measures.progress import Direction
from measures.totals import OverOrgans
from tests.make import make_metric, make_theme

THEMES = ("政治建设", "思想建设", "组织建设", "业务履职", "疫情防控", "作风建设", "党建业务融合")
KINDS = ("学习教育", "党内生活", "组织建设", "制度建设", "业务工作", "为民服务")
FLOW, STOCK, CUMULATIVE = Nature.FLOW, Nature.STOCK, Nature.CUMULATIVE
SHARE, RANK = Nature.RATIO, Nature.RANK


@dataclass(frozen=True)
class Spec:
    """A metric: theme, name, unit, nature, and about how much a bureau has of it in one period."""

    theme: str
    name: str
    unit: str
    nature: Nature
    typical: int
    rhythm: PeriodKind = PeriodKind.MONTH
    direction: Direction = Direction.UP
    part_of: str = ""
    pair: str = ""
    over_organs: str = ""

    def make(self, made: dict[str, Metric]) -> Metric:
        """The stored metric; those it leans on are made already."""
        share = self.nature == SHARE
        return make_metric(
            self.name,
            self.unit,
            self.nature,
            theme=make_theme(self.theme, order=THEMES.index(self.theme) + 1),
            rhythm=self.rhythm.value,
            direction=self.direction.value,
            over_organs=self.over_organs,
            decimals=1 if share else 0,
            maximum=100 if share else None,
            needs_denominator=share and not self.over_organs,
            part_of=made.get(self.part_of),
            pair=made.get(self.pair),
        )


SPECS = (
    Spec("政治建设", "第一议题学习次数", "次", FLOW, 4),
    Spec("政治建设", "请示报告事项", "项", FLOW, 3),
    Spec("政治建设", "督查发现的问题", "个", FLOW, 8, direction=Direction.DOWN),
    Spec("政治建设", "督查问题整改率", "%", SHARE, 85),
    Spec("政治建设", "上级考评位次", "位", RANK, 30, PeriodKind.YEAR, Direction.DOWN),
    Spec("思想建设", "集中学习场次", "场", FLOW, 5),
    Spec("思想建设", "集中学习参加人次", "人次", FLOW, 180),
    Spec("思想建设", "宣讲覆盖人次", "人次", FLOW, 900),
    Spec("思想建设", "研讨发言次数", "次", FLOW, 12),
    Spec("思想建设", "理论学习达标率", "%", SHARE, 92),
    Spec("组织建设", "在册党员", "人", STOCK, 85),
    Spec("组织建设", "三十五岁以下党员", "人", STOCK, 22, part_of="在册党员"),
    Spec("组织建设", "规范化党支部", "个", STOCK, 7),
    Spec("组织建设", "新发展党员", "人", FLOW, 2),
    Spec("组织建设", "主题党日参加人次", "人次", FLOW, 120),
    Spec("组织建设", "党支部达标率", "%", SHARE, 88),
    Spec("业务履职", "办结的群众诉求", "项", FLOW, 45),
    Spec("业务履职", "服务回访满意率", "%", SHARE, 95, over_organs=OverOrgans.NONE.value),
    Spec("业务履职", "帮扶资金", "万元", FLOW, 16),
    Spec("业务履职", "惠及群众人数", "人", FLOW, 210),
    Spec("业务履职", "惠及群众户数", "户", FLOW, 64, pair="惠及群众人数"),
    Spec("业务履职", "其中困难群众户数", "户", FLOW, 9, part_of="惠及群众户数"),
    Spec("业务履职", "累计开工项目", "项", CUMULATIVE, 2),
    Spec("业务履职", "累计完成投资", "万元", CUMULATIVE, 40),
    Spec("疫情防控", "健康宣传场次", "场", FLOW, 3),
    Spec("疫情防控", "健康宣传覆盖人次", "人次", FLOW, 600),
    Spec("疫情防控", "应急演练次数", "次", FLOW, 1),
    Spec("疫情防控", "物资储备完好率", "%", SHARE, 97),
    Spec("作风建设", "走访基层次数", "次", FLOW, 14),
    Spec("作风建设", "走访群众户数", "户", FLOW, 75),
    Spec("作风建设", "帮助解决的难题", "个", FLOW, 6),
    Spec("作风建设", "印发文件数", "个", FLOW, 18, direction=Direction.DOWN),
    Spec("作风建设", "网上办结率", "%", SHARE, 78),
    Spec("党建业务融合", "党员先锋岗", "个", STOCK, 12),
    Spec("党建业务融合", "志愿服务参加人次", "人次", FLOW, 160),
    Spec("党建业务融合", "累计志愿服务人次", "人次", CUMULATIVE, 140),
    Spec("党建业务融合", "结对共建项目", "个", FLOW, 2, PeriodKind.QUARTER),
)


def make_metrics() -> tuple[tuple[Spec, Metric], ...]:
    """All metrics, stored."""
    made: dict[str, Metric] = {}
    for spec in SPECS:
        made[spec.name] = spec.make(made)
    return tuple((spec, made[spec.name]) for spec in SPECS)
