"""Merging one area into another: everything below it moves over, and what has the same name becomes one.

The merged area stays as a closed row whose path lies below the one it was merged into. So everything that names it (a
group, a fund, an activity, a shop) is found, counted and worked over where it now belongs, and nothing of it has to be
rewritten; rights, which are compared by path, follow in the same deed.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, or_, select, update

from backend.foundation.clock import now
from backend.foundation.db import session
from backend.foundation.tenancy import office_in_force
from backend.ledger.accounts import household_pot
from backend.ledger.reading import not_empty
from backend.places.areas import hold_still, open_ground, path_below
from backend.places.errors import DoorsLivedInTwice, MergeOfDifferentKinds
from backend.places.following import Followers
from backend.places.models import Area, AreaChange, Household
from backend.places.offices import the_book
from backend.places.paths import above, said

Pair = tuple[Area, Area]  # what moves or closes, and where to


def merge(area_id: UUID, *, into_id: UUID, reason: str, by_id: UUID, followers: Followers) -> Area:
    """Merge an area into another one of its kind, which is returned; of two merges at once one is refused.

    Same-named areas below become one, too; so do two households behind the same door, unless people or points are in
    both. Raises `NotFound`, `AreaClosed`, `MergeOfDifferentKinds` or `DoorsLivedInTwice`.
    """
    hold_still(alone=True)
    area, into = open_ground(area_id), open_ground(into_id)
    if area.id == into.id or area.kind != into.kind:
        raise MergeOfDifferentKinds()
    ground = _below(area, into)
    one, moved = _paired_up(area, into, ground)
    _join_doors(one, followers)
    _note(one, moved, reason=reason, by_id=by_id, at=now())
    changed = [each for each in ground.values() if each.path.startswith(area.path)]
    for closed, kept in one:
        closed.merged_into_id = kept.id
    for child, parent in moved:
        child.parent_id = parent.id
    kept_for = {closed.id: kept.id for closed, kept in one}
    for each in changed:  # merged into something that now is itself merged
        each.merged_into_id = kept_for.get(each.merged_into_id, each.merged_into_id)  # type: ignore[arg-type]
    _lay_paths(changed, ground)
    session().flush()
    followers.follow({each.id: ground[each.merged_into_id or each.id] for each in changed})
    return into


def _below(*roots: Area) -> dict[UUID, Area]:
    """These and everything below them, also what is closed; nobody changes or builds on it until the deed ends."""
    wanted = select(Area).where(or_(*(Area.path.startswith(root.path, autoescape=True) for root in roots)))
    # In one order, so that two who lock the same rows never wait for each other.
    rows = session().scalars(wanted.order_by(Area.id).with_for_update(), execution_options={"populate_existing": True})
    return {area.id: area for area in rows}


def _paired_up(area: Area, into: Area, ground: dict[UUID, Area]) -> tuple[list[Pair], list[Pair]]:
    """Which areas become one with which, and which move below which."""
    children: dict[UUID | None, list[Area]] = defaultdict(list)
    for each in ground.values():
        if not each.is_closed:
            children[each.parent_id].append(each)
    one, moved, waiting = [], [], [(area, into)]
    while waiting:
        closed, kept = waiting.pop()
        one.append((closed, kept))
        named = {(child.kind, child.name): child for child in children[kept.id]}
        for child in children[closed.id]:
            if twin := named.get((child.kind, child.name)):
                waiting.append((child, twin))
            else:
                moved.append((child, kept))
    return one, moved


def _join_doors(one: Sequence[Pair], followers: Followers) -> None:
    """Move the households of merged areas over; behind one door there is one household."""
    kept_for = {closed.id: kept.id for closed, kept in one}
    columns = (Household.id, Household.area_id, Household.door_index, Household.merged_into_id)
    households = (
        session()
        .execute(
            select(*columns)
            .where(Household.area_id.in_([*kept_for, *kept_for.values()]))
            .order_by(Household.id)
            .with_for_update()  # who is about to move in waits, and then finds the door as it is
        )
        .all()
    )
    behind: dict[tuple[UUID, bytes], dict[bool, UUID]] = defaultdict(dict)
    for row in households:
        if row.merged_into_id is None:
            behind[kept_for.get(row.area_id, row.area_id), row.door_index][row.area_id in kept_for] = row.id
    twice = [(two[True], two[False]) for two in behind.values() if len(two) == 2]
    in_use = _in_use([household for two in twice for household in two], followers)
    clashing = [str(there) for there, here in twice if there in in_use and here in in_use]
    if clashing:
        raise DoorsLivedInTwice(doors=len(clashing), households=clashing[:20])
    stays_for = dict((here, there) if there in in_use else (there, here) for there, here in twice)
    closed: list[dict[str, object]] = []
    moved: list[dict[str, object]] = []
    for row in households:
        into = stays_for.get(row.merged_into_id or row.id, row.merged_into_id)
        now_in = kept_for.get(row.area_id, row.area_id)
        if (into, now_in) != (row.merged_into_id, row.area_id):
            (closed if into else moved).append({"of": row.id, "now_in": now_in, "into": into})
    for those in (closed, moved):  # a door has to be free before somebody else stands behind it
        if those:
            session().execute(_MOVE, [{"office": office_in_force(), **each} for each in those])


_households = Household.__table__
_MOVE = (
    update(_households)  # type: ignore[arg-type]
    .where(_households.c.office_id == bindparam("office"), _households.c.id == bindparam("of"))
    .values(area_id=bindparam("now_in"), merged_into_id=bindparam("into"))
)


def _in_use(households: Sequence[UUID], followers: Followers) -> set[UUID]:
    """Those with people, or with points in the pot."""
    pots = {household_pot(str(household)): household for household in households}
    return followers.inhabited(households) | {pots[pot] for pot in not_empty(the_book(), pots.keys())}


def _note(one: Sequence[Pair], moved: Sequence[Pair], *, reason: str, by_id: UUID, at: datetime) -> None:
    """Write down what became of each area, in the words of before."""
    names = above([area.path for pair in (*one, *moved) for area in pair])
    for what, pairs in (("merged", one), ("moved", moved)):
        for area, to in pairs:
            session().add(
                AreaChange(
                    area_id=area.id,
                    what=what,
                    from_text=said(area.path, names),
                    to_text=said(to.path, names) if what == "merged" else f"{said(to.path, names)} {area.name}",
                    into_id=to.id,
                    reason=reason,
                    changed_by_id=by_id,
                    changed_at=at,
                )
            )


def _lay_paths(changed: Sequence[Area], ground: dict[UUID, Area]) -> None:
    """Give each its path below what it hangs on now: its parent, or what it was merged into."""
    waiting = {area.id for area in changed}

    def path_of(area: Area) -> str:
        if area.id in waiting:
            waiting.remove(area.id)
            hangs_on = ground[area.merged_into_id or area.parent_id]  # type: ignore[index]  # changed areas hang on one
            area.path = path_below(path_of(hangs_on), area.id)
        return area.path

    for area in changed:
        path_of(area)
