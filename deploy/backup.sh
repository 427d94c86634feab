#!/bin/sh
# backup.sh FOLDER: one consistent copy of the database that DATABASE_URL names, while it is in use; prints its path.
#
# PostgreSQL needs pg_dump of at least the server's version, SQLite needs python3. A copy opens only together with
# INDEX_KEY and DATA_KEYS, so keep those too, somewhere else.
set -eu
umask 077
folder=${1:?which folder?}
mkdir -p "$folder"
name=$folder/xingfu-$(date -u +%Y%m%dT%H%M%SZ)

case ${DATABASE_URL:?which database?} in
postgres*)
    file=$name.dump
    pg_dump --format=custom --no-owner --no-privileges --file="$file.part" "postgresql://${DATABASE_URL#*://}"
    pg_restore --list "$file.part" >/dev/null # readable to its end
    ;;
sqlite:///*)
    file=$name.sqlite3
    python3 - "${DATABASE_URL#sqlite:///}" "$file.part" <<'PYTHON'
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

source, target = (Path(path).absolute() for path in sys.argv[1:])
# Read-only: with the old SQLites a second process that writes could damage the file, one that reads cannot.
with closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as used, closing(sqlite3.connect(target)) as copy:
    used.backup(copy)  # all pages in one step, so in one state
    copy.execute("PRAGMA journal_mode = DELETE")  # one file and nothing beside it
    found = copy.execute("PRAGMA integrity_check").fetchall() + copy.execute("PRAGMA foreign_key_check").fetchall()
if found != [("ok",)]:
    sys.exit(f"the copy is damaged: {found[:3]}")
PYTHON
    ;;
*)
    echo "DATABASE_URL: needs postgresql://… or sqlite:///path/to/file" >&2
    exit 2
    ;;
esac

mv "$file.part" "$file" # a file with its full name is a whole one
echo "$file"
