"""Where each fund's points went: nothing is missing, and nobody is named."""

from tests.builders.phone import Phone

PLACES = ("in_fund", "in_activities", "with_residents", "with_merchants", "settled")


def test_every_point_of_a_fund_is_somewhere(market):
    street = market.street
    fund = street.fund(1000, rate=50)
    activity = street.activity(fund=fund, points_fixed=20, budget_points=100)
    people = [street.earned(street.resident(), 50, fund=fund) for _ in range(6)]
    for person in people:
        market.sold(2, person=person)
    market.voided(market.sold(1, person=people[0]))
    street.held(people[1], market.offer)
    street.gives_points(people[2], 5, to="charity_pool")

    def flow():
        items = street.phone(market.officer).get("/office/fund-flows", limit=100)["items"]
        return next(item for item in items if item["id"] == str(fund.id))

    before = flow()
    market.closed()
    after = flow()

    assert before["allocated"] == 1000
    for seen in (before, after):
        assert sum(seen[place] for place in PLACES) == seen["allocated"] - seen["withdrawn"]
        assert seen["spent_at"] == [
            {"merchant": {"id": str(market.shop.id), "name": "幸福面包房"}, "points": 120, "fen": 54}
        ]
    assert (before["with_merchants"], before["settled"]) == (120, 0)
    assert (after["with_merchants"], after["settled"]) == (0, 120)
    assert (after["earned"], after["in_activities"]) == (300, 100)
    street.leader_of(activity).post(f"/activities/{activity.id}/cancel")
    assert (flow()["in_activities"], flow()["returned"]) == (0, after["returned"] + 100)


def test_in_public_there_is_no_money_and_no_small_shop(market):
    street = market.street
    fund = street.fund(1000)
    for number in range(6):
        market.sold(1, person=street.earned(street.resident(), 10, fund=fund))
        if number < 2:
            other = street.merchant(f"小店{number}")
            person = street.earned(street.resident(), 10, fund=fund)
            held = street.held(person, street.offer(other))
            street.phone(street.clerk(other)).post("/redemptions/capture", {"code": held["code"]})

    seen = Phone(street.app).get("/public/fund-flows", office_id=street.office_id, limit=100)

    item = next(item for item in seen["items"] if item["id"] == str(fund.id))
    assert item["spent_at"] == [
        {"merchant": {"id": str(market.shop.id), "name": "幸福面包房"}, "points": 60},
        {"merchant": None, "points": 20},
    ]
    assert Phone(street.app).get("/public/fund-flows", office_id=9998).status == 404
