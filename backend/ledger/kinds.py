"""What each kind of entry may move: (source kind, destination kind, form of the lot). Anything else is not posted."""

from dataclasses import dataclass

from backend.ledger.accounts import POTS, WALLETS, Account, Lot

Move = tuple[str, str, str]


def _spelt_out(word: str, kinds: tuple[str, ...], *moves: Move) -> set[Move]:
    return {
        (source.replace(word, one), destination.replace(word, one), form)
        for source, destination, form in moves
        for one in kinds
    }


def _each_wallet(*moves: Move) -> set[Move]:
    """Spell out 'wallet' as person, household and group."""
    return _spelt_out("wallet", WALLETS, *moves)


def _each_pot(*moves: Move) -> set[Move]:
    """Spell out 'pot' as any wallet or the charity pool."""
    return _spelt_out("pot", POTS, *moves)


_BACK_TO_FUND: Move = ("vintage", "fund", "U")

MOVES: dict[str, set[Move]] = {
    "allocate": {("issuance", "fund", "U")},
    "withdraw": {("fund", "issuance", "U")},
    "reserve": {("fund", "activity_budget", "U")},
    "return": {("activity_budget", "fund", "U")},
    "award": _each_wallet(("activity_budget", "vintage", "U"), ("fund", "vintage", "U"), ("vintage", "wallet", "D")),
    "serve": {("service", "person", "minutes")},
    "reverse": _each_wallet(("wallet", "vintage", "D"))
    | {("vintage", "activity_budget", "U"), _BACK_TO_FUND}
    | {("issuance", "recoverable", "owed"), ("person", "service", "minutes")},
    "recover": _each_wallet(("wallet", "vintage", "D")) | {_BACK_TO_FUND, ("recoverable", "issuance", "owed")},
    "gift": {("person", "household", "D"), ("person", "charity_pool", "D")},
    "thank": {("group", "person", "D"), ("group", "household", "D")},  # a minor's goes to the pot
    "transfer": {(source, destination, "D") for source in POTS for destination in POTS}
    | {("person", "person", "minutes")},  # two accounts of one person
    "hold": _each_wallet(("wallet", "held", "D")),
    "capture": _each_wallet(("held", "merchant", "D"), ("held", "wallet", "D")),
    "release": _each_wallet(("held", "wallet", "D")),
    "refund": _each_wallet(("merchant", "wallet", "D"), ("merchant", "vintage", "D"), ("vintage", "wallet", "D")),
    "expire": _each_pot(("pot", "vintage", "D")) | {_BACK_TO_FUND},
    "close": {("merchant", "issuance", "D"), ("issuance", "merchant", "D")}
    | {("payable", "merchant", "fen"), ("merchant", "payable", "fen")},
    "pay": {("merchant", "paid", "fen")},
}

RESOLUTIONS = {"capture", "release"}
REVERSALS = {"refund": {"capture"}, "reverse": {"award", "serve"}}  # kind → the kinds of what it may undo

# Kinds whose keys a client chose: a repeat with other figures is refused instead of answered.
CLIENT_KEYED = {"hold", "gift", "thank"}

# Kinds that follow from other entries or from the calendar; no feature has to know them.
OF_ITSELF = {"recover", "expire"}

# Kinds that bring points into the world or take them out of it, in this form of the lot; for "owed", what is owed.
ISSUING = {"allocate": "U", "withdraw": "U", "close": "D", "reverse": "owed", "recover": "owed"}

# Kinds that may take points from a wallet or pool after their last day.
AFTER_LAST_DAY = {"expire", "reverse"}


@dataclass(frozen=True)
class Posting:
    """One movement: an amount of one lot leaves the source and reaches the destination."""

    lot: Lot
    source: Account
    destination: Account
    amount: int

    def is_allowed_in(self, kind: str) -> bool:
        return (self.source.kind, self.destination.kind, self.lot.form) in MOVES.get(kind, ())
