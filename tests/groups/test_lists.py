"""However long a list of groups is, it asks the database the same number of times; a page of it is quick."""

from contextlib import contextmanager

from sqlalchemy import event

from backend.foundation.db import db
from tests.builders.paperwork import Paperwork


@contextmanager
def counted(app):
    with app.app_context():
        engine = db.engine
    sent = []

    def note(_connection, _cursor, statement, *_):
        if "access_" not in statement:  # whether anybody's rights have changed is asked every two seconds
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_every_list_sends_as_many_statements_for_many_rows_as_for_one(street):
    officer = street.phone(street.officer())
    first = Paperwork(street, name="第零花友会")
    lists = {
        "/groups": {"q": "hyh"},
        "/filings": {},
        "/group-appeals": {},
        "/dissolutions": {},
        f"/groups/{first.group.id}/members": {},
        f"/groups/{first.group.id}/history": {},
        f"/groups/{first.group.id}/invitations": {},
        "/confirmations": {},
    }

    def grow(papers):
        removed = street.member(first.group, street.resident())
        first.leader.post(f"/groups/{first.group.id}/members/{removed.id}/remove", {"reason": "长期不参加"})
        street.phone(removed).post(f"/groups/{first.group.id}/appeals", {"text": "不对"})
        street.member(first.group, street.resident())
        person = {"person_id": str(street.resident().id)}
        first.leader.post(f"/groups/{first.group.id}/invitations", person)
        papers.is_handed_in()
        other = street.group(name="要注销的花友会")
        street.phone_of(other.founder_id).post(f"/groups/{other.id}/dissolutions", {"reason": "成员搬迁"})

    def statements():
        said = {}
        for path, query in lists.items():
            with counted(street.app) as sent:
                answer = officer.get(path, **query)
            assert answer.status == 200
            said[path] = (len(sent), len(answer["items"]))
        return said

    officer.get("/me")
    grow(first)
    few = statements()
    for n in range(1, 4):
        grow(Paperwork(street, name=f"第{n}花友会"))
    many = statements()

    assert {path: sent for path, (sent, _) in few.items()} == {path: sent for path, (sent, _) in many.items()}
    grew = {path for path in lists if many[path][1] > few[path][1]}
    assert {"/groups", "/filings", "/group-appeals", "/dissolutions", f"/groups/{first.group.id}/members"} <= grew
    assert max(sent for sent, _ in many.values()) <= 9
