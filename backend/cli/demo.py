"""The street a newcomer meets: office 1 (示范街道) with people, groups, shops and a past, and a tiny office 2.

Everything is written by the deeds that serve real people, so the ledger of a fresh demo verifies like any other.
"""

import random
from datetime import datetime, timedelta

from sqlalchemy import select

from backend.activities import check_ins, drafting, publishing
from backend.activities.check_ins import Seen
from backend.activities.drafting import sessions_of
from backend.activities.models import Activity
from backend.cli.demo_filings import file, hand_in
from backend.cli.demo_people import CARD_PIN, Cast, card_token, enter_people
from backend.foundation.acting import acted_by, by_command
from backend.foundation.callers import Caller
from backend.foundation.clock import as_of, now
from backend.foundation.config import Config
from backend.foundation.db import add, done_reading, find, session, transactional
from backend.foundation.tenancy import acting_in
from backend.funds.allocations import decide, request_allocation
from backend.funds.models import Fund
from backend.funds.opening import open_fund
from backend.groups.applications import join
from backend.groups.circles import start_circle
from backend.groups.models import Group
from backend.groups.policies import change_policy
from backend.merchants.models import Merchant
from backend.merchants.onboarding import open_merchant, open_offer
from backend.people.models import Person
from backend.people.persons import account_of_openid
from backend.people.policies import publish_first
from backend.people.roles import grant_role, grants_of
from backend.people.scopes import over_area, over_group, over_merchant, over_office
from backend.places.areas import open_area
from backend.places.models import Area, Office
from backend.volunteering.certifying import set_issuer

HERE, NEXT_DOOR = 1, 2

GROUPS = (
    ("清晨志愿服务队", "清洁楼道、照看花园", "service", "filed"),
    ("银龄互助社", "邻里互助，陪伴独居老人", "mutual_aid", "filed"),
    ("青藤舞蹈队", "广场舞与文艺演出", "culture_sports", "filed"),
    ("邻里议事会", "四邻议事，共商共治", "governance", "filed"),
    ("小巷巡逻队", "夜间巡逻与消防检查", "public_good", "filed"),
    ("书香读书会", "每周共读一本书", "culture_sports", "circle"),
    ("巧手编织坊", "编织爱心毛衣", "public_good", "filed"),
    ("健步走队", "清晨健步走", "culture_sports", "forming"),
    ("绿色种植组", "阳台种植与堆肥", "service", "filed"),
    ("老兵宣讲团", "红色故事进社区", "public_good", "filed"),
    ("快乐合唱团", "每周三晚排练", "culture_sports", "circle"),
    ("家电义修队", "每月一次免费维修", "service", "filed"),
)

SHOPS = (
    (
        "幸福面包房",
        "幸福路1号",
        100,
        (("馒头一袋", 10, 1000, "counter", 0), ("生日蛋糕（六寸）", 300, 20, "reserved", 2000)),
    ),
    ("便民理发店", "安宁路8号", 90, (("老人理发一次", 40, 200, "counter", 0),)),
    ("惠民超市", "幸福路20号", 95, (("大米五公斤", 120, 80, "counter", 0), ("洗衣液一瓶", 60, 150, "counter", 500))),
    ("康乐药房", "和谐巷3号", 100, (("创可贴一盒", 15, 300, "counter", 0),)),
    ("阳光洗衣", "安宁路2号", 80, (("羽绒服清洗", 100, 40, "reserved", 0),)),
    ("邻里餐厅", "和谐巷9号", 85, (("老年餐一份", 30, 400, "counter", 300),)),
)

PAST = (
    ("重阳敬老包饺子", 0, 40, 30),
    ("楼道清洁日", 0, 33, 20),
    ("消防安全巡查", 4, 27, 20),
    ("中秋游园会", 2, 21, 10),
    ("旧衣改造课", 6, 16, 15),
    ("义务维修进小区", 11, 12, 20),
    ("花园补种", 8, 8, 20),
    ("红色故事会", 9, 5, 10),
    ("清洁家园周末行动", 0, 3, 20),
)


def open_demo() -> None:
    """Seed what is missing, each office in one transaction, and see to it that an activity is running now."""
    for office_id, seed in ((HERE, _seed_here), (NEXT_DOOR, _seed_next_door)):
        with acting_in(office_id), acted_by(by_command()):
            if session().get(Office, office_id) is None:
                transactional(seed)()
            elif office_id == HERE:
                transactional(_keep_something_running)()
    done_reading()


def welcome(config: Config) -> str:
    """What `python app.py` says when it is ready."""
    address = f"http://{config.host}:{config.port}"
    lines = ["", f"幸福积分已启动  {address}/", f"接口文档        {address}/api/docs", ""]
    if config.demo:
        lines += [
            "演示街道 1（示范街道），登录：POST /api/v1/auth/wechat",
            '  {"office_id": 1, "code": "stub:<openid>:<任意字符>"}，每个 code 只能用一次',
            "  openid: demo-resident 居民 · demo-neighbour 邻居 · demo-elder 长者 · demo-head 庭户长 · demo-child 孩子",
            "          demo-leader 队长 · demo-spouse 队长家属 · demo-helper 助手 · demo-worker 社工",
            "          demo-clerk / demo-clerk-2 店员 · demo-owner 店主",
            "          demo-officer / demo-officer-2 街道干部 · demo-auditor 审计",
            f"  无手机长者的纸质卡: {card_token(HERE)}  PIN: {CARD_PIN}",
            "",
        ]
    return "\n".join(lines)


def _seed_here() -> None:
    dice = random.Random(20261123)  # noqa: S311  # the same street every time
    began = now() - timedelta(days=60)
    with as_of(began):
        office = add(Office(id=HERE, name="示范街道"))
        publish_first()
        communities = [open_area(name, kind="community") for name in ("幸福社区", "安宁社区", "和谐社区")]
        cast = enter_people(communities, dice)
        _give_roles(cast, office, communities[0])
        fund = _fund(cast, points=1_000_000)
        groups = _found_groups(cast, communities, dice)
        _open_shops(cast, communities)
        set_issuer(responsible_person="示范街道志愿服务站", contact="0000-12345678")
    for title, group_number, days_ago, points in PAST:
        _hold_activity(groups[group_number], fund, cast, title, now() - timedelta(days=days_ago), points, dice)
    _keep_something_running()


def _seed_next_door() -> None:
    with as_of(now() - timedelta(days=30)):
        office = add(Office(id=NEXT_DOOR, name="邻里街道"))
        publish_first()
        community = open_area("邻里社区", kind="community")
        cast = enter_people([community], random.Random(2), families=3)  # noqa: S311
        _give_roles(cast, office, community)
        fund = _fund(cast, points=10_000)
        group = start_circle(
            cast["demo-leader"], name="邻里志愿队", theme="邻里互助", category="service", area_id=community.id
        )
        change_policy({"members_at_least": 1})  # a street of three families
        _file(group, cast, cast["demo-leader"])
        shop = open_merchant("邻里小店", area=community, address="邻里路1号")
        open_offer(shop, "鸡蛋一盒", price_points=20, stock=100)
        grant_role(cast["demo-clerk"].id, "clerk", over_merchant(shop.id, shop.name), granted_by_id=None)
    _run_activity(group, fund, "邻里清洁日", capacity=20)


def _give_roles(cast: Cast, office: Office, community: Area) -> None:
    for openid, role in (("demo-officer", "officer"), ("demo-officer-2", "officer"), ("demo-auditor", "auditor")):
        grant_role(cast[openid].id, role, over_office(office), granted_by_id=None)
    grant_role(cast["demo-worker"].id, "worker", over_area(community), granted_by_id=cast["demo-officer"].id)


def _fund(cast: Cast, *, points: int) -> Fund:
    fund = open_fund(name="幸福积分专项资金", source="fiscal", fen_per_100_points=50, opener_id=cast["demo-officer"].id)
    allocation, _ = request_allocation(fund, points=points, requester_id=cast["demo-officer"].id, key="demo")
    decide(allocation, decider=_caller(cast["demo-officer-2"]), approved=True)
    return fund


def _found_groups(cast: Cast, communities: list[Area], dice: random.Random) -> list[Group]:
    leaders = [cast["demo-leader"], *dice.sample(cast.neighbours, len(GROUPS) - 1)]
    groups = []
    for number, ((name, theme, category, stage), leader) in enumerate(zip(GROUPS, leaders, strict=True)):
        area = communities[number % len(communities)]
        group = start_circle(leader, name=name, theme=theme, category=category, area_id=area.id)
        for member in dice.sample(cast.neighbours, 12):
            join(group.id, member.id)
        if stage == "filed":
            _file(group, cast, leader)
        elif stage == "forming":
            hand_in(group, leader_id=leader.id)
        groups.append(group)
    grant_role(
        cast["demo-helper"].id,
        "helper",
        over_group(groups[0].id, groups[0].name),
        granted_by_id=cast["demo-leader"].id,
    )
    return groups


def _file(group: Group, cast: Cast, leader: Person) -> None:
    worker, officer = _caller(cast["demo-worker"]), _caller(cast["demo-officer"])
    file(group, leader_id=leader.id, worker=worker, officer=officer)


def _open_shops(cast: Cast, communities: list[Area]) -> None:
    for number, (name, address, share, offers) in enumerate(SHOPS):
        shop: Merchant = open_merchant(name, area=communities[number % 3], address=address, share_percent=share)
        for title, points, stock, kind, fen in offers:
            open_offer(shop, title, price_points=points, stock=stock, kind=kind, price_fen=fen)
        if number == 0:
            for openid, role in (("demo-clerk", "clerk"), ("demo-clerk-2", "clerk"), ("demo-owner", "owner")):
                grant_role(cast[openid].id, role, over_merchant(shop.id, shop.name), granted_by_id=None)


def _hold_activity(
    group: Group, fund: Fund, cast: Cast, title: str, began: datetime, points: int, dice: random.Random
) -> None:
    """An activity of the past, from its announcement to its settlement."""
    leader = _caller(find(Person, group.founder_id))
    guests = [cast["demo-resident"], cast["demo-neighbour"], cast["demo-elder"], cast.card_holder]
    guests += dice.sample(cast.neighbours, dice.randint(14, 26))
    with as_of(began - timedelta(days=2)):
        activity = _draft(group, fund, title, starts_at=began, hours=2, capacity=60, points=points)
        publishing.publish(activity, publisher=leader)
    sitting = sessions_of(activity.id)[0]
    for guest in guests:
        with as_of(began + timedelta(minutes=dice.randint(-20, 15))):
            check_ins.arrive(sitting, Seen(guest, "scan"), recorder=leader)
    for guest in guests:
        with as_of(began + timedelta(minutes=dice.randint(95, 118))):
            check_ins.leave(sitting, Seen(guest, "scan"), recorder=leader)
    with as_of(began + timedelta(hours=3)):
        publishing.settle(activity, by=leader, head_count=len(guests), report=f"{title}顺利完成。")


def _keep_something_running() -> None:
    at = now()
    running = select(Activity.id).where(
        Activity.state == "published", Activity.starts_at <= at, Activity.ends_at > at + timedelta(minutes=30)
    )
    if session().scalars(running).first() is not None:
        return
    leader = account_of_openid("demo-leader")
    group = session().scalar(select(Group).where(Group.founder_id == leader.person_id)) if leader else None
    fund = session().scalars(select(Fund).order_by(Fund.id)).first()
    if group is not None and fund is not None:
        _run_activity(group, fund, "今天的清洁家园行动", capacity=200)


def _run_activity(group: Group, fund: Fund, title: str, *, capacity: int) -> None:
    began = now() - timedelta(minutes=20)
    activity = _draft(group, fund, title, starts_at=began, hours=12, capacity=capacity, points=20)
    publishing.publish(activity, publisher=_caller(find(Person, group.founder_id)))


def _draft(
    group: Group, fund: Fund, title: str, *, starts_at: datetime, hours: int, capacity: int, points: int
) -> Activity:
    form = {
        "group_id": group.id,
        "kind": "service" if group.category in ("service", "mutual_aid", "public_good") else "participation",
        "title": title,
        "description": f"{group.name}邀请您参加。",
        "place": "社区中心花园",
        "capacity": capacity,
        "points_fixed": points,
        "check_in": "self",
        "fund_id": fund.id,
        "sessions": [{"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=hours)}],
    }
    return drafting.draft(form, creator_id=group.founder_id)


def _caller(person: Person) -> Caller:
    return Caller(person.office_id, person.id, person.household_id, person.verified, grants_of(person.id))
