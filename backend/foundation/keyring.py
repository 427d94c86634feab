"""A key for each person: what is sealed about somebody opens as long as their key exists, and never again after that.

A key is 32 random bytes, wrapped under the newest of DATA_KEYS and bound to its office, whom it is for and what for:
`own`, for everything about them, or `kept`, for what a law orders to be kept after they are gone. A sealed value names
its key, so that opening needs no more than the value and its place. Destroying a key leaves its row, empty: who is
gone stays gone, also where another deed is just about to write about them.

Opened keys live as long as the transaction that read them and what is shown from it; a list of a hundred names fetches
all its keys with one statement, because the first that is missing fetches those of everything the session has read.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, LargeBinary, String, event, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.foundation.clock import now
from backend.foundation.crypto import decrypt, encrypt, fresh_key, is_wrapped_newest, seal, unseal, unwrap, wrap
from backend.foundation.db import insert_once, session
from backend.foundation.ids import uuid7
from backend.foundation.tables import Base, InOffice, once_in_office, sealed_columns
from backend.foundation.tenancy import office_in_force

OWN, KEPT = "own", "kept"

MARK = b"#"  # a key of DATA_KEYS is named by letters and digits, so this begins no other sealed value
_HEAD = 17  # the mark and the key's id
_AT_ONCE = 500  # keys that one statement asks for

_OPENED = "opened keys"  # of a session: key id → key, or None where it was destroyed
_WHOSE = "whose keys"  # of a session: (whom, what for) → key id


class SubjectKey(InOffice, Base):
    """The key under which something about one person is sealed; empty once it was destroyed."""

    __tablename__ = "subject_keys"
    __table_args__ = (
        once_in_office("subject_id", "purpose"),
        CheckConstraint("purpose IN ('own', 'kept')", name="purpose_is_known"),
        CheckConstraint("(wrapped IS NULL) = (destroyed_at IS NOT NULL)", name="there_or_destroyed"),
    )

    subject_id: Mapped[UUID]  # no foreign key: people live on a higher floor
    purpose: Mapped[str] = mapped_column(String(4))
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
    destroyed_at: Mapped[datetime | None]

    @property
    def opened(self) -> bytes | None:
        place = _place(self.office_id, self.subject_id, self.purpose)
        return unwrap(self.wrapped, place=place) if self.wrapped else None


def seal_about(subject_id: UUID | None, text: str, *, place: str, purpose: str = OWN) -> bytes:
    """Encrypt under that person's key, which is made if they have none; opens only at the same place.

    Under DATA_KEYS what is about nobody, and what is said about somebody whose key was destroyed.
    """
    if subject_id is None:
        return seal(text, place=place)
    key_id, key = _key_for(subject_id, purpose)
    if key is None:
        return seal(text, place=place)
    return encrypt(text.encode(), key=key, head=MARK + key_id.bytes, place=place)


def make_keys(subject_ids: Iterable[UUID]) -> None:
    """Keys for several people who are new, with one statement: what is then sealed about them asks for none."""
    at, office_id = now(), office_in_force()
    keys = {(subject_id, OWN): (uuid7(), fresh_key()) for subject_id in subject_ids}
    rows = [
        {
            "office_id": office_id,
            "id": key_id,
            "subject_id": subject_id,
            "purpose": OWN,
            "wrapped": wrap(key, place=_place(office_id, subject_id, OWN)),
            "made_at": at,
        }
        for (subject_id, _), (key_id, key) in keys.items()
    ]
    session().execute(insert(SubjectKey), rows)
    session().info.setdefault(_WHOSE, {}).update({whose: key_id for whose, (key_id, _) in keys.items()})
    _opened().update(dict(keys.values()))


def read(sealed: bytes, *, place: str) -> str | None:
    """Decrypt, whichever key it lies under; None once that key was destroyed.

    Raises `InvalidTag` when the value was altered or moved, `KeyError` when there never was such a key.
    """
    if not is_under_a_persons_key(sealed):
        return unseal(sealed, place=place)
    key_id = _key_of(sealed)
    if key_id not in _opened():
        _fetch({key_id} | _keys_in_sight())
    key = _opened()[key_id]  # looked up anew: fetching may have begun a transaction, and with it forgotten others
    return None if key is None else decrypt(sealed, key=key, head=sealed[:_HEAD], place=place).decode()


def is_under_a_persons_key(sealed: bytes) -> bool:
    return sealed[:1] == MARK


def destroy_keys(subject_ids: Iterable[UUID], *, purpose: str = OWN) -> int:
    """Overwrite their keys with nothing, for good; how many that were. Who never had one cannot get one any more."""
    at, destroyed = now(), 0
    for subject_id in sorted(set(subject_ids)):
        insert_once(SubjectKey, id=uuid7(), subject_id=subject_id, purpose=purpose, made_at=at, destroyed_at=at)
        gone = session().scalar(
            update(SubjectKey)
            .where(
                SubjectKey.subject_id == subject_id, SubjectKey.purpose == purpose, SubjectKey.destroyed_at.is_(None)
            )
            .values(wrapped=None, destroyed_at=at)
            .returning(SubjectKey.id)
        )
        destroyed += gone is not None
    _forget(session())
    return destroyed


def rewrap(limit: int) -> int:
    """Put keys that lie under an older one of DATA_KEYS under the newest; how many, so 0 when none is left.

    What they seal stays as it is: that is why a new DATA_KEYS entry does not mean writing every row anew.
    """
    done = 0
    after: UUID | None = None
    while done < limit:
        wanted = select(SubjectKey).where(SubjectKey.wrapped.is_not(None)).order_by(SubjectKey.id).limit(_AT_ONCE)
        rows = session().scalars(wanted if after is None else wanted.where(SubjectKey.id > after)).all()
        if not rows:
            break
        after = rows[-1].id
        for row in rows:
            if row.wrapped is None or is_wrapped_newest(row.wrapped):
                continue
            opened = row.opened
            assert opened is not None  # noqa: S101  # it was wrapped
            # A key that is destroyed this very moment must not come back.
            done += _put_back(row, wrap(opened, place=_place(row.office_id, row.subject_id, row.purpose)))
    return done


def _put_back(row: SubjectKey, wrapped: bytes) -> bool:
    still_there = (SubjectKey.id == row.id, SubjectKey.wrapped == row.wrapped)
    written = update(SubjectKey).where(*still_there).values(wrapped=wrapped).returning(SubjectKey.id)
    return session().scalar(written) is not None


def _key_for(subject_id: UUID, purpose: str) -> tuple[UUID, bytes | None]:
    current = session()
    whose: dict[tuple[UUID, str], UUID] = current.info.setdefault(_WHOSE, {})
    known = whose.get((subject_id, purpose))
    if known is not None and known in _opened():
        return known, _opened()[known]
    with current.no_autoflush:  # Half of a row may be there, which says what is being sealed.
        wanted = select(SubjectKey).where(SubjectKey.subject_id == subject_id, SubjectKey.purpose == purpose)
        row = current.scalar(wanted) or _made(subject_id, purpose) or current.scalars(wanted).one()
    opened = row.opened
    current.info.setdefault(_WHOSE, {})[subject_id, purpose] = row.id
    _opened()[row.id] = opened
    return row.id, opened


def _made(subject_id: UUID, purpose: str) -> SubjectKey | None:
    """A new key; None where another deed was faster, and has made one."""
    wrapped = wrap(fresh_key(), place=_place(office_in_force(), subject_id, purpose))
    return insert_once(SubjectKey, id=uuid7(), subject_id=subject_id, purpose=purpose, wrapped=wrapped, made_at=now())


def _fetch(wanted: set[UUID]) -> None:
    """Open those keys that exist, and note those that were destroyed."""
    current = session()
    missing = sorted(wanted - _opened().keys())
    for first in range(0, len(missing), _AT_ONCE):
        some = SubjectKey.id.in_(missing[first : first + _AT_ONCE])
        with current.no_autoflush:
            rows = current.scalars(select(SubjectKey).where(some)).all()
        _opened().update({row.id: row.opened for row in rows})


def _keys_in_sight() -> set[UUID]:
    """The keys of everything sealed that the session has read."""
    return {
        _key_of(sealed)
        for row in session().identity_map.values()
        for column in sealed_columns(type(row))
        if isinstance(sealed := row.__dict__.get(column), bytes) and is_under_a_persons_key(sealed)
    }


def _key_of(sealed: bytes) -> UUID:
    return UUID(bytes=sealed[1:_HEAD])


def _opened() -> dict[UUID, bytes | None]:
    opened: dict[UUID, bytes | None] = session().info.setdefault(_OPENED, {})
    return opened


def _place(office_id: int, subject_id: UUID, purpose: str) -> str:
    return f"subject_keys.{purpose}:{office_id}:{subject_id}"


@event.listens_for(Session, "after_begin")
def _forget(current: Session, *_: Any) -> None:
    """A new transaction opens its keys anew: meanwhile one may have been destroyed."""
    current.info.pop(_OPENED, None)
    current.info.pop(_WHOSE, None)
