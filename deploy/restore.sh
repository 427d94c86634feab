#!/bin/sh
# restore.sh FILE: put a copy made by backup.sh into the database that DATABASE_URL names, which has to be empty.
#
# Nothing is ever overwritten: stop the application, restore into a new database (or a new file), and point
# DATABASE_URL to it. On PostgreSQL run ledger_grants.sql afterwards, then start the application and ask /readyz.
set -eu
umask 077
file=${1:?which file?}

case ${DATABASE_URL:?which database?} in
postgres*)
    database=postgresql://${DATABASE_URL#*://}
    tables=$(psql --no-psqlrc --quiet --tuples-only --no-align \
        --command="SELECT count(*) FROM pg_tables WHERE schemaname = 'public'" "$database")
    if [ "$tables" != 0 ]; then
        echo "the database has $tables tables already; nothing was changed" >&2
        exit 1
    fi
    pg_restore --exit-on-error --single-transaction --no-owner --no-privileges --dbname="$database" "$file"
    ;;
sqlite:///*)
    python3 - "$file" "${DATABASE_URL#sqlite:///}" <<'PYTHON'
import os
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

source, target = (Path(path).absolute() for path in sys.argv[1:])
if target.exists():
    sys.exit(f"{target} exists already; nothing was changed")
with closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as copy:
    found = copy.execute("PRAGMA integrity_check").fetchall() + copy.execute("PRAGMA foreign_key_check").fetchall()
if found != [("ok",)]:
    sys.exit(f"{source} is damaged: {found[:3]}")
part = target.with_name(target.name + ".part")
shutil.copyfile(source, part)
os.rename(part, target)
PYTHON
    ;;
*)
    echo "DATABASE_URL: needs postgresql://… or sqlite:///path/to/file" >&2
    exit 2
    ;;
esac
echo "restored from $file"
