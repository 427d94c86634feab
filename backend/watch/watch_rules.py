"""From how many on something looks odd. Each is a figure an officer can explain."""

from datetime import timedelta
from uuid import UUID

LOOKS_BACK = timedelta(days=35)

OVERLAP_MINUTES = 15  # between two places; neighbours walk from one to the next in less
RING_TIMES = 3  # each way
ONE_PHONE_PEOPLE = 4  # a family shares a phone; more than a family is a queue
HEADS_OVER = 3  # more check-ins than heads, and more than a tenth

FEW_PEOPLE, FEW_SHARE, FEW_CAPTURES = 3, 60, 30  # so many people have so many per cent of a month's points
NIGHT_FROM, NIGHT_TO, NIGHT_CAPTURES = 22, 6, 5  # hours in Asia/Shanghai
BURST_CAPTURES, BURST_MINUTES = 8, 5  # of one customer
CIRCLE_TIMES = 3

CALLED_BACK_OF = 50  # one redemption in fifty: 2 %


def is_sampled(redemption_id: UUID) -> bool:
    """Two per cent, decided by the id alone: nobody chooses, and asking again chooses the same."""
    return int.from_bytes(redemption_id.bytes[-4:], "big") % CALLED_BACK_OF == 0


def too_many_heads(*, check_ins: int, head_count: int) -> bool:
    """Clearly more people in the system than the leader saw."""
    return check_ins - head_count > max(HEADS_OVER, head_count // 10)


def is_one_sided(*, of_the_few: int, of_all: int, captures: int) -> bool:
    """Do a few customers have most of a shop's points, where it has customers enough to tell?"""
    return captures >= FEW_CAPTURES and of_the_few * 100 > FEW_SHARE * of_all
