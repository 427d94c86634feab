"""A group on its way to be filed: each step taken by whoever takes it, over HTTP."""

from backend.groups.models import Group
from backend.groups.policies import change_policy
from tests.builders.phone import Answer
from tests.builders.street import Street

READY = {"venue": "社区活动室", "charter_version": "2026-1"}


class Paperwork:
    """The filing of one circle, in an office that files a group of `members`."""

    def __init__(
        self, street: Street, *, members: int = 1, name: str = "邻里花友会", group: Group | None = None
    ) -> None:
        street.does(change_policy, {"members_at_least": members})
        self.street = street
        self.group: Group = street.group(stage="circle", name=name)
        self.leader = street.phone_of(self.group.founder_id)
        self.worker = street.phone(street.worker())
        self.officer = street.phone(street.officer())
        self.filing_id = ""

    def drafts(self, **said: str) -> Answer:
        answer = self.leader.post(f"/groups/{self.group.id}/filings", said)
        self.filing_id = answer["id"] if answer.status < 300 else self.filing_id
        return answer

    def submits(self) -> Answer:
        return self.leader.post(f"/filings/{self.filing_id}/submit")

    def is_handed_in(self) -> "Paperwork":
        assert self.drafts(**READY).status == 201
        assert self.submits().status == 200
        return self

    def is_reviewed(self) -> "Paperwork":
        assert self.is_handed_in().decides("reviewed", by=self.worker).status == 200
        return self

    def is_filed(self) -> "Paperwork":
        assert self.is_reviewed().decides("filed").status == 200
        return self

    def decides(self, decision: str, *, by: object = None, **more: str) -> Answer:
        phone = by or self.officer
        return phone.put(f"/filings/{self.filing_id}", {"decision": decision} | more)  # type: ignore[attr-defined]

    def now(self) -> Answer:
        """The group as anybody sees it."""
        return self.officer.get(f"/groups/{self.group.id}")
