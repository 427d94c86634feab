"""What points are worth to a merchant. Whole fen, rounded half up once; statements only add."""


def worth_in_fen(points: int, *, fen_per_100_points: int, share_percent: int) -> int:
    """points × rate × contract share, in fen: 100 points at 33 fen per 100 and 90 % are 29.7, so 30 fen."""
    ten_thousandths = points * fen_per_100_points * share_percent
    return (ten_thousandths + 5_000) // 10_000
