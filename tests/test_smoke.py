from tests.builders.phone import a_key


def test_the_flow(street):
    fund = street.fund(1000)
    leader = street.resident("赵队长")
    activity = street.activity(leader=leader, fund=fund, points_fixed=20)
    resident = street.resident()
    me = street.phone(resident)
    assert me.post(f"/activities/{activity.id}/sign-ups").status == 201
    code = street.phone(leader).get(f"/activities/{activity.id}/code")
    assert code.status == 200, code.body
    a = me.post("/check-ins", {"code": code["code"]})
    assert (a.status, a["points"]) == (201, 20), a.body
    a = me.post("/check-ins", {"code": code["code"]})
    assert (a.status, a["points"]) == (200, 20), a.body
    offer = street.offer(price_points=7)
    r = me.post("/redemptions", {"offer_id": str(offer.id)}, key=a_key())
    assert r.status == 201, r.body
    clerk = street.phone(street.clerk(type("M", (), {"id": offer.merchant_id, "name": "x"})))
    c = clerk.post("/redemptions/capture", {"code": r["code"]})
    assert c.status == 200, c.body
    v = clerk.post(f"/redemptions/{r['id']}/void", {})
    assert v.status == 200, v.body
    e = me.get("/me/entries")
    print(e.body)
    assert me.get("/me/wallet")["points"]["available"] == 20
    for p in (
        "/me",
        "/groups",
        "/activities",
        "/offers",
        "/merchants",
        "/redemptions",
        "/me/code",
        "/areas",
        "/offices",
        "/reviews",
    ):
        assert me.get(p).status == 200, p
