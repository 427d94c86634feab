"""How many of what a seeded office has."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    name: str
    office: str
    communities: int
    groups: int
    people: int
    households: int
    merchants: int
    participations: int
    redemptions: int  # per merchant

    @property
    def per_group(self) -> int:
        """Participations of an average group in the year."""
        return self.participations // self.groups


SIZES = {
    size.name: size
    for size in (
        Size("pilot", "试点街道（演示）", 9, 300, 11_000, 4_000, 12, 30_000, 100),
        Size("shengli", "胜利街道（演示）", 12, 356, 78_000, 28_000, 40, 200_000, 200),
    )
}
