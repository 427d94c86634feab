"""What each kind of entry may move: (source kind, destination kind, form of the lot). Anything else is not posted."""

from backend.ledger.accounts import WALLETS, Account, Lot

Move = tuple[str, str, str]


def _each_wallet(*moves: Move) -> set[Move]:
    """Spell out 'wallet' as person, household and group."""
    return {
        (source.replace("wallet", wallet), destination.replace("wallet", wallet), form)
        for source, destination, form in moves
        for wallet in WALLETS
    }


MOVES: dict[str, set[Move]] = {
    "allocate": {("issuance", "fund", "U")},
    "reserve": {("fund", "activity_budget", "U")},
    "return": {("activity_budget", "fund", "U")},
    "award": _each_wallet(("activity_budget", "vintage", "U"), ("fund", "vintage", "U"), ("vintage", "wallet", "D")),
    "serve": {("service", "person", "minutes")},
    "hold": _each_wallet(("wallet", "held", "D")),
    "capture": _each_wallet(("held", "merchant", "D"), ("held", "wallet", "D")),
    "release": _each_wallet(("held", "wallet", "D")),
    "refund": _each_wallet(("merchant", "wallet", "D"), ("merchant", "vintage", "D"), ("vintage", "wallet", "D")),
}

RESOLUTIONS = {"capture", "release"}
REVERSALS = {"refund": "capture"}  # kind → the kind of what it undoes

# Kinds whose keys a client chose: a repeat with other figures is refused instead of answered.
CLIENT_KEYED = {"hold"}


def may_move(kind: str, source: Account, destination: Account, lot: Lot) -> bool:
    return (source.kind, destination.kind, lot.form) in MOVES.get(kind, ())
