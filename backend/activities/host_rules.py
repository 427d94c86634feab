"""Sharing points out among groups. Pure arithmetic: whole points, and the parts always add up."""

from collections.abc import Sequence


def shared_out(points: int, percents: Sequence[int]) -> list[int]:
    """Points by shares of together 100 per cent; what rounding leaves goes to the largest fractions in order."""
    parts = [points * percent // 100 for percent in percents]
    fractions = sorted(range(len(percents)), key=lambda n: (-(points * percents[n] % 100), n))
    for n in fractions[: points - sum(parts)]:
        parts[n] += 1
    return parts
