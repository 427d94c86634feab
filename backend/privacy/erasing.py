"""Leaving for good (注销): asked by the person or for them at the desk, carried out by the clock after seven days.

What is sealed about them opens by one key, which is destroyed; what finds them (phone, openid, card) is removed. The
ledger and whatever it refers to keep a number that means nobody any more, so its sums and its chain stay what they
are. 个人信息保护法 art. 47 asks for no more where a rule orders something to be kept: `kept_records`.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from secrets import token_bytes
from uuid import UUID

from sqlalchemy import delete, select, update

from backend.foundation.clock import now
from backend.foundation.db import find, insert_once, session
from backend.foundation.errors import Replan
from backend.foundation.keyring import destroy_keys
from backend.messages.models import MessageCredit
from backend.people.devices import end_devices_of
from backend.people.models import Card, Person, WeChatAccount
from backend.people.parting import LetGo, part
from backend.people.persons import fresh_code_token, selves_of
from backend.people.queries import members_of
from backend.people.role_models import Delegation, Role
from backend.people.roles import begun_or_to_begin
from backend.people.session_models import Device
from backend.people.standing import be_gone
from backend.people.verification_models import PersonMerge, Phone
from backend.privacy.erasure_errors import HandOverFirst
from backend.privacy.erasure_models import ErasureRequest, KeptRecord
from backend.privacy.kept_records import keep_service_record

THINK_IT_OVER = timedelta(days=7)

ROLES_IN_CHINESE = {
    "leader": "队长",
    "deputy": "副队长",
    "helper": "志愿者助手",
    "clerk": "店员",
    "owner": "店主",
    "worker": "社工",
    "officer": "街道干部",
    "auditor": "审计员",
}


def ask(person: Person, *, helper_id: UUID | None) -> tuple[ErasureRequest, bool]:
    """Ask to be erased in seven days; the request, and whether it is new: asking again answers the one that waits.

    Raises `HandOverFirst` for who has something that others depend on.
    """
    if what := hindrances(person):
        raise HandOverFirst(what="；".join(what))
    at = now()
    asked = insert_once(
        ErasureRequest,
        person_id=person.id,
        helper_id=helper_id,
        state="waiting",
        asked_at=at,
        due_at=at + THINK_IT_OVER,
    )
    if asked is not None:
        return asked, True
    first = waiting_of(person.id)
    if first is None:  # It was withdrawn this very moment.
        raise Replan()
    return first, False


def think_better_of_it(person_id: UUID) -> ErasureRequest | None:
    """Withdraw what waits; None where nothing does. Whoever is being erased this very moment is."""
    withdrawn: ErasureRequest | None = session().scalar(
        update(ErasureRequest)
        .where(ErasureRequest.person_id == person_id, ErasureRequest.state == "waiting")
        .values(state="withdrawn", ended_at=now())
        .returning(ErasureRequest),
        execution_options={"populate_existing": True},
    )
    return withdrawn


def waiting_of(person_id: UUID) -> ErasureRequest | None:
    wanted = select(ErasureRequest).where(ErasureRequest.person_id == person_id, ErasureRequest.state == "waiting")
    return session().scalar(wanted)


def hindrances(person: Person) -> list[str]:
    """What others depend on, in Chinese: it has to be handed over before."""
    at = now()
    held = session().scalars(select(Role).where(Role.person_id == person.id, begun_or_to_begin(at)).order_by(Role.id))
    found = [f"您还担任{role.scope_name}的{ROLES_IN_CHINESE[role.role]}" for role in held]
    if person.household_role == "head" and len(members_of(person.household_id)) > 1:
        found.append("您是庭户长，家里还有其他成员")
    lent = select(Delegation.id).where(
        Delegation.manager_id == person.id, Delegation.state.in_(("requested", "approved")), Delegation.ends_at > at
    )
    if session().scalar(lent.limit(1)) is not None:
        found.append("您还管理着社工机构的委托")
    doubted = select(PersonMerge.id).where(
        (PersonMerge.person_id == person.id) | (PersonMerge.other_id == person.id), PersonMerge.state == "waiting"
    )
    if session().scalar(doubted.limit(1)) is not None:
        found.append("您的手机号正在由社区核实")
    return found


def due(limit: int) -> Sequence[UUID]:
    """Requests of the office in force that were thought over long enough."""
    late = select(ErasureRequest.id).where(ErasureRequest.state == "waiting", ErasureRequest.due_at <= now())
    return session().scalars(late.order_by(ErasureRequest.due_at).limit(limit)).all()


def carry_out(request_id: UUID, *, let_go: Iterable[LetGo]) -> bool:
    """Erase who asked for it; whether that was done. Who has something to hand over by now waits until they have.

    Everything sealed about them has to lie under their own key (`resealing`) before this is called.
    """
    request = find(ErasureRequest, request_id, locked=True)
    if request.state != "waiting" or request.due_at > now():
        return False
    person = find(Person, request.person_id, locked=True)
    if person.merged_into_id is not None:  # They turned out to be somebody who has not asked.
        return think_better_of_it(person.id) is not None
    if hindrances(person):
        return False
    keep_service_record(person)
    forget(selves_of(person.id))
    request.state, request.ended_at = "done", now()
    session().flush()
    if person.parted_at is None:
        part(person.id, cause="erasure", recorder_id=None, let_go=let_go)
    return True


def erased_since(since: datetime | None) -> Sequence[ErasureRequest]:
    """Who was erased in the office in force, oldest first."""
    done = select(ErasureRequest).where(ErasureRequest.state == "done").order_by(ErasureRequest.ended_at)
    return session().scalars(done if since is None else done.where(ErasureRequest.ended_at >= since)).all()


def forget_again(person_id: UUID) -> bool:
    """Erase somebody anew whom an old backup brought back; False if that is older than they are.

    Their points and what they had in hand stay as the backup has them: the ledger is not written by hand.
    """
    person = session().scalar(select(Person).where(Person.id == person_id))
    if person is None:
        return False
    if session().scalar(select(KeptRecord.id).where(KeptRecord.person_id == person_id)) is None:
        keep_service_record(person)
    be_gone(person, at=person.parted_at or now())
    end_devices_of(person.id, reason="gone")
    forget(selves_of(person.id))
    return True


def forget(selves: Sequence[UUID]) -> None:
    """Remove what finds somebody, under every account they had, and destroy the keys of what is known about them.

    Doing it again does no harm: that is how people are erased anew after an old backup was restored.
    """
    for model in (Phone, WeChatAccount, MessageCredit):
        session().execute(delete(model).where(model.person_id.in_(selves)))
    session().execute(update(Device).where(Device.person_id.in_(selves)).values(name_sealed=None, installation_id=None))
    for card in session().scalars(select(Card).where(Card.person_id.in_(selves)).order_by(Card.id)):
        card.fingerprint, card.pin_hash = token_bytes(32), ""
        card.blocked_at = card.blocked_at or now()
    for person in session().scalars(select(Person).where(Person.id.in_(selves)).order_by(Person.id)):
        person.code_token, person.elder_mode = fresh_code_token(), False
    session().flush()
    destroy_keys(selves)
