"""What the bureaus of the made county planned and did: pillars, actions, activities, honours."""

from datetime import date, timedelta

from measures.models import Action, Activity, Campaign, Honour, HonourLevel, Pillar, ReviewState
from tests.bench.county import Bureau, County

DEEDS = ("专题学习", "走访慰问", "结对帮扶", "岗位练兵", "政策宣讲", "问题整改", "志愿服务", "联学共建")
PLACES = ("机关会议室", "党员活动室", "社区服务站", "村委会", "政务大厅", "")


def add_work(county: County) -> None:
    """Every bureau's headings in every campaign, with what stands under them."""
    themes, turn = county.themes, 0
    each = county.size.pillars // len(county.bureaus) // len(county.campaigns)
    for campaign in county.campaigns:
        for bureau in county.bureaus:
            for order in range(1, each + 1):
                theme = themes[turn % len(themes)]
                turn += 1
                pillar = Pillar(campaign=campaign, organ=bureau.organ, theme=theme, order=order)
                pillar.heading = f"着力{theme.name}第{order}项抓创建"
                _fill(county, bureau, county.stock.add(pillar))
            _honours(county, bureau, campaign)


def _fill(county: County, bureau: Bureau, pillar: Pillar) -> None:
    for order in range(1, county.size.actions // county.size.pillars + 1):
        action = _action(county, bureau, pillar, order)
        for number in range(1, county.size.activities // county.size.actions + 1):
            _activity(county, bureau, action, number)


def _action(county: County, bureau: Bureau, pillar: Pillar, order: int) -> Action:
    """A line of the ledger: of those whose day has come most are closed, the others late; some have no day."""
    random, today = county.random, county.today
    start = min(pillar.campaign.first_day + timedelta(days=random.randrange(120)), today)
    due = start + timedelta(days=random.randrange(30, 240)) if random.random() < 0.95 else None
    done = None
    if due and due < today and random.random() < 0.9:
        done = min(max(start, due + timedelta(days=random.randrange(-20, 10))), today)
    action = Action(
        **county.confirmed(bureau, start),
        pillar=pillar,
        title=f"{random.choice(DEEDS)}第{order}项",
        kind=random.choice(county.kinds),
        what="按年度方案逐项落实，责任到科室、到岗位，每月小结一次。",
        leader="分管副局长",
        office="机关党办",
        start_day=start,
        due_day=due,
        progress="正按计划推进。" if random.random() < 0.5 else "",
        problem="人手偏紧。" if random.random() < 0.1 else "",
        closed_on=done,
        closing_state=ReviewState.APPROVED.value if done else "",
        closing_hands=[bureau.clerk.pk] if done else [],
        theme=random.choice(county.themes) if random.random() < 0.2 else None,
        order=order,
    )
    county.told(county.stock.add(action), bureau, action.title)
    if random.random() < 0.05:
        joint = random.choice([other.organ for other in county.bureaus if other is not bureau])
        county.stock.add(Action.joint_organs.through(action_id=action.pk, organ_id=joint.pk))
    return action


def _activity(county: County, bureau: Bureau, action: Action, number: int) -> None:
    """An activity between the action's start and its day, or today."""
    random, start = county.random, action.start_day or county.today
    last = max(min(action.due_day or county.today, county.today), start)
    day, attended = (
        start + timedelta(days=random.randrange((last - start).days + 1)),
        random.randrange(5, 200),
    )
    activity = Activity(**county.confirmed(bureau, day), action=action, day=day, attended=attended)
    activity.title, activity.place = f"{action.title}第{number}次活动", random.choice(PLACES)
    activity.expected = attended + random.randrange(10)
    county.stock.add(activity)


def _honours(county: County, bureau: Bureau, campaign: Campaign) -> None:
    """Up to five honours of a bureau in a year."""
    year = campaign.first_day.year
    for number in range(1, county.random.randrange(6) + 1):
        honour = Honour(**county.confirmed(bureau, min(date(year, 6, 1), county.today)), year=year)
        honour.title, honour.recipient = f"先进基层党组织（第{number}批）", bureau.organ.name
        honour.level = county.random.choice(HonourLevel.values)
        honour.issuer = "县直机关工委" if county.random.random() < 0.6 else ""
        county.stock.add(honour)
