"""The ledger stands alone: any SQLAlchemy engine, no Flask, none of the floors above."""

import subprocess
import sys

POSTS_WITHOUT_FLASK = """
import sys
from datetime import UTC, datetime
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
import backend.ledger.holds, backend.ledger.triggers, backend.ledger.verify
from backend.foundation.ids import uuid7
from backend.foundation.tables import Base
from backend.ledger.accounts import Lot, fund_account
from backend.ledger.drafts import Told, allocate
from backend.ledger.posting import Book, post
from backend.ledger.reading import balance_of

engine = create_engine("sqlite://")
Base.metadata.create_all(engine)
with Session(engine) as session:
    book = Book(session, 1)
    told = Told("入账", "person:1", "allocation:1", datetime.now(UTC))
    post(book, allocate(fund="f1", points=500, allocation="1", told=told, entry_id=uuid7()))
    session.commit()
    print(balance_of(book, fund_account("f1"), Lot.undated("f1")))
    print(backend.ledger.verify.verify(book).total)
print(sorted(name for name in sys.modules if name.split(".")[0] in ("flask", "flask_sqlalchemy", "werkzeug")))
print(sorted(name for name in sys.modules if name.startswith("backend.") and name.split(".")[1] not in ALLOWED))
"""


def test_it_posts_and_verifies_on_a_bare_engine_without_flask():
    code = POSTS_WITHOUT_FLASK.replace("ALLOWED", "('ledger', 'foundation')")
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["(500, 1)", "0", "[]", "[]"]
