"""The words an office asks with: the first ones when it opens, others when an officer publishes them."""

from collections.abc import Sequence

from sqlalchemy import select

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import insert_once, session
from backend.foundation.errors import Replan
from backend.people.consent_models import PolicyVersion
from backend.people.consents import version_now
from backend.people.policy_texts import FIRST
from backend.people.purposes import PURPOSES


def publish_first() -> None:
    """What the office in force asks with from its opening on; again changes nothing."""
    for purpose, text in FIRST.items():
        insert_once(PolicyVersion, purpose=purpose, version=1, text=text, published_at=now(), publisher_id=None)


def publish(purpose: str, text: str, *, by: Caller) -> PolicyVersion:
    """Ask in other words from now on; whoever agreed before is asked again."""
    published = insert_once(
        PolicyVersion,
        purpose=purpose,
        version=version_now(purpose) + 1,
        text=text,
        published_at=now(),
        publisher_id=by.person_id,
    )
    if published is None:  # Another officer published at the same moment.
        raise Replan()
    trail.record("policies.publish", published, after={"purpose": purpose})
    return published


def policies_now() -> Sequence[PolicyVersion]:
    """What is asked with now, in the order of the purposes."""
    newest = {row.purpose: row for row in session().scalars(select(PolicyVersion).order_by(PolicyVersion.version))}
    return [newest[purpose] for purpose in PURPOSES if purpose in newest]
