"""What verify found: numbered checks, each with how much does not fit and the first hundred examples."""

from dataclasses import dataclass, field

SHOWN = 100

TITLES = {
    1: "accounts and lots are what their ids say",
    2: "every balance is the sum of its postings",
    3: "every balance changed step by step and was never below zero",
    4: "every entry is complete and moves what its kind may move",
    5: "points are issued and ended by decisions only, and keep their fund",
    6: "what resolves or undoes an entry fits it",
    7: "what is held is what open holds set aside",
    8: "nothing was spent or captured too late",
    9: "the features and the ledger tell the same story",
    10: "the database protects the past, and the times agree",
}


@dataclass(frozen=True)
class Finding:
    """One thing that does not fit: the rule it breaks, where to look, and what is wrong."""

    rule: str
    subject: str
    said: str


@dataclass
class Check:
    """One numbered check."""

    number: int
    total: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def title(self) -> str:
        return TITLES[self.number]


@dataclass
class Report:
    """What verify says about one book. `total` counts every finding; each check shows its first hundred."""

    book_id: int
    entries: int
    checks: list[Check]

    @property
    def total(self) -> int:
        return sum(check.total for check in self.checks)

    @property
    def rules(self) -> set[str]:
        """The names of the rules that are broken."""
        return {finding.rule for check in self.checks for finding in check.findings}

    def take_over(self, other: "Report") -> None:
        """Count what another report of the same checks found, its findings after ours."""
        for own, found in zip(self.checks, other.checks, strict=True):
            own.total += found.total
            own.findings += found.findings[: max(0, SHOWN - len(own.findings))]

    def add(self, number: int, times: int) -> Check:
        """Count findings that nobody has to see one by one."""
        check = next(check for check in self.checks if check.number == number)
        check.total += times
        return check

    def found(self, number: int, rule: str, subject: object, said: str) -> None:
        """Count a finding, and keep it if it is among the first."""
        check = self.add(number, 1)
        if len(check.findings) < SHOWN:
            check.findings.append(Finding(rule, str(subject), said))
