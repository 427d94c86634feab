"""What tests say about people, and the search for it in whatever the run has left behind.

These are the names, numbers and reasons that the builders and the table of access give to nearly everybody. All of it
is personal data, so it stands in the clear nowhere: in no column, no byte of a database file, no log line, no key or
value of Valkey, no body of a refusal.
"""

import logging
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import psycopg
import redis
from psycopg import sql
from sqlalchemy.engine import make_url

from backend.foundation.logs import JsonLines

NAMES = ("王小英", "李主任", "陈主任", "赵队长", "社工小张", "李邻居", "冯秀珍", "欧阳金凤")
NUMBERS = ("13800138000", "1390000", "13812345678")
REASONS = ("忘带手机", "没带手机", "本人换了手机", "本人已到服务台核实", "母女共用一个号码", "膝盖不好")
WORDS = (*NAMES, *NUMBERS, *REASONS, "openid-of-")

Found = dict[str, set[str]]  # where → which words

seen: Found = {}  # in log lines and bodies of refusals, noted while the tests run


def found_in(content: bytes, words: Iterable[str] = WORDS) -> set[str]:
    """Those of the words that stand in it."""
    return {word for word in words if word.encode() in content}


def note(where: str, content: bytes) -> None:
    """Remember what should not have been said there."""
    if said := found_in(content):
        seen.setdefault(where, set()).update(said)


class Listener(logging.Handler):
    """Hears every line that is logged, as it is written."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines())

    def emit(self, record: logging.LogRecord) -> None:
        note(f"log {record.name}: {record.msg}", self.format(record).encode())


def in_database(url: str, words: Iterable[str] = WORDS) -> Found:
    """Where a database holds them: the column, and on SQLite the file, because what was deleted may linger there."""
    words = list(words)
    contents = _sqlite(url, words) if url.startswith("sqlite") else _postgresql(url, words)
    return {where: said for where, content in contents if (said := found_in(content, words))}


def bytes_of(url: str) -> Iterator[bytes]:
    """All that a database holds: the file and the log of SQLite, every table of PostgreSQL."""
    if url.startswith("sqlite"):
        return (content for _, content in _files(url))
    return (content for _, content in _postgresql(url, []))


def in_valkey(url: str, words: Iterable[str] = WORDS) -> Found:
    """Where keys and values hold them."""
    with redis.Redis.from_url(url) as client:
        held = {key: key + (client.dump(key) or b"") for key in client.scan_iter(count=1000)}
    return {f"valkey {key!r}": said for key, content in held.items() if (said := found_in(content, words))}


def _files(url: str) -> Iterator[tuple[str, bytes]]:
    file = str(make_url(url).database)
    yield from ((part.name, part.read_bytes()) for part in map(Path, (file, f"{file}-wal")) if part.exists())


def _sqlite(url: str, words: list[str]) -> Iterator[tuple[str, bytes]]:
    """The file and its log; only where one of them holds something, column by column."""
    contents = list(_files(url))
    yield from contents
    if not any(found_in(content, words) for _, content in contents):
        return
    connection = sqlite3.connect(f"file:{make_url(url).database}?mode=ro", uri=True)
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for _, column, *_ in connection.execute(f'PRAGMA table_info("{table}")').fetchall():
            rows = connection.execute(f'SELECT CAST("{column}" AS BLOB) FROM "{table}"')
            yield f"{table}.{column}", b"\n".join(value for (value,) in rows if value is not None)
    connection.close()


def _postgresql(url: str, words: list[str]) -> Iterator[tuple[str, bytes]]:
    """Every table as COPY writes it, binary, so that texts and bytes stand there as they are."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    tables = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    columns = "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
    with psycopg.connect(address) as connection, connection.cursor() as cursor:
        for (table,) in cursor.execute(tables).fetchall():
            content = _copied(cursor, sql.Identifier(table))
            yield table, content
            if found_in(content, words):
                for (column,) in cursor.execute(columns, (table,)).fetchall():
                    part = sql.SQL("{}({})").format(sql.Identifier(table), sql.Identifier(column))
                    yield f"{table}.{column}", _copied(cursor, part)


def _copied(cursor: psycopg.Cursor, what: sql.Composable) -> bytes:
    with cursor.copy(sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(what)) as copied:
        return b"".join(bytes(piece) for piece in copied)
