"""Another name: the id, the path and every right stay; what it was called is kept."""

from sqlalchemy import select

from backend.places.models import AreaChange
from tests.builders.races import at_once, statuses


def renames(street, area, *, by=None, **said):
    return street.phone(by or street.officer()).put(f"/areas/{area.id}", {"reason": "更名"} | said)


def test_a_new_name_keeps_id_path_and_rights(street):
    worker = street.worker()

    renamed = renames(street, street.community, name="幸福里社区", by=worker)

    assert (renamed.status, renamed["name"], renamed["path"]) == (200, "幸福里社区", street.community.path)
    assert street.phone(worker).get(f"/areas/{street.community.id}/households").status == 200
    assert street.phone(worker).get("/me")["roles"][0]["scope"]["name"] == "幸福里社区"
    assert [area["name"] for area in street.phone(worker).get("/areas", q="xfl")["items"]] == ["幸福里社区"]


def test_what_it_was_who_changed_it_and_why_are_kept(street):
    worker = street.worker()
    renames(street, street.community, name="幸福里社区", by=worker, reason="民政更名批复")
    renames(street, street.community, nature="rural", by=worker)

    nature, name = street.phone(worker).get(f"/areas/{street.community.id}/changes")["items"]

    assert (name["what"], name["from_text"], name["to_text"]) == ("renamed", "幸福社区", "幸福里社区")
    assert (name["reason"], name["changed_by_id"]) == ("民政更名批复", str(worker.id))
    assert (nature["what"], nature["from_text"], nature["to_text"]) == ("nature_changed", "城", "乡")


def test_saying_what_is_so_anyway_changes_nothing(street):
    assert renames(street, street.community, name=" 幸福社区 ", nature="urban").status == 200
    assert street.rows(select(AreaChange)) == []


def test_a_name_that_is_taken_is_refused(street):
    street.area("安宁社区")
    answer = renames(street, street.community, name="安宁社区")

    assert (answer.status, answer.code) == (409, "area_name_taken")
    assert "合并" in answer["message"]


def test_only_a_community_has_a_nature(street):
    grid = street.area("第一网格", kind="grid", parent=street.community)
    answer = renames(street, grid, nature="rural")

    assert (answer.status, list(answer["errors"])) == (422, ["nature"])


def test_a_worker_renames_only_what_they_work_over(street):
    assert renames(street, street.community, name="新名", by=street.worker(street.area())).status == 403


def test_a_reason_is_needed_and_something_to_change(street):
    phone = street.phone(street.officer())

    assert list(phone.put(f"/areas/{street.community.id}", {"name": "新名"})["errors"]) == ["reason"]
    assert list(phone.put(f"/areas/{street.community.id}", {"reason": "无"})["errors"]) == ["name"]


def test_many_who_want_one_name_get_it_once(street):
    areas = [street.area(f"第{n}网格", kind="grid", parent=street.community) for n in range(5)]
    officers = [street.officer() for _ in areas]
    opener = street.phone(street.officer())
    form = {"kind": "grid", "name": "中心网格", "parent_id": str(street.community.id)}

    answers = at_once(
        *(
            lambda area=area, by=by: renames(street, area, name="中心网格", by=by)
            for area, by in zip(areas, officers, strict=True)
        ),
        lambda: opener.post("/areas", form),
    )

    assert sum(number for status, number in statuses(answers).items() if status < 300) == 1
    assert set(statuses(answers)) <= {200, 201, 409}
