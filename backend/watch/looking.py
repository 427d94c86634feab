"""Everything that looks odd now, and two per cent of what was captured, once a day."""

from datetime import datetime

from backend.flags.raising import Odd, not_yet_raised
from backend.foundation.clock import now
from backend.watch import activities, merchants
from backend.watch.watch_rules import LOOKS_BACK

PATTERNS = (
    activities.two_places_at_once,
    activities.mutual_confirming,
    activities.one_phone_for_many,
    activities.more_check_ins_than_heads,
    merchants.the_same_few,
    merchants.at_night,
    merchants.many_at_once,
    merchants.clerks_and_leaders,
)


def odd_things(limit: int, *, at: datetime | None = None) -> list[Odd]:
    """What nobody was told of yet, of the last five weeks."""
    since = (at or now()) - LOOKS_BACK
    found = [odd for pattern in PATTERNS for odd in pattern(since)]
    return not_yet_raised(found)[:limit]
