"""Who is fit for which role: adults, known well enough for what it lets them do."""

from datetime import datetime

from backend.foundation.clock import now
from backend.foundation.errors import Unprocessable
from backend.people.models import Person
from backend.people.role_errors import AdultNeeded, VerificationNeeded

# What somebody has to be verified as. Who leads people or serves at a counter is known at their door; whoever works
# for the street or an agency may live elsewhere, so that a phone number has to do. A helper stands at the door too.
NEEDS = dict.fromkeys(("leader", "deputy", "clerk", "owner"), "resident") | dict.fromkeys(
    ("helper", "worker", "officer", "auditor"), "phone"
)
_IN_CHINESE = {"resident": "居民认证", "phone": "手机号验证"}


def refuse_a_past_end(ends_at: datetime | None) -> None:
    """A role that has ended before it is given helps nobody."""
    if ends_at is not None and ends_at <= now():
        raise Unprocessable(errors={"ends_at": ["结束时间已经过去，请选择以后的时间"]})


def refuse_the_unfit(person: Person, role: str) -> None:
    """Raises `AdultNeeded` or `VerificationNeeded`."""
    if person.age_class != "adult":
        raise AdultNeeded()
    needed = NEEDS[role]
    if person.verified != "resident" and person.verified != needed:
        raise VerificationNeeded(needed=_IN_CHINESE[needed])
