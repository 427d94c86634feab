"""What the environment says, typed. A setting that cannot be right is refused at start, by name."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

PROJECT = Path(__file__).resolve().parents[2]

# Known to everybody who reads this file, and therefore refused in production.
DEVELOPMENT_SECRET = "development-only-secret-key-known-to-everybody"  # noqa: S105
DEVELOPMENT_INDEX_KEY = "development-only-index-key-known-to-everybody"
DEVELOPMENT_DATA_KEYS = "dev:" + base64.b64encode(b"development-only-data-key-32byte").decode()


# The stub's: a kind of message → its template, and which of our words stands in which of its fields.
STUB_TEMPLATES = '{"expiry": {"id": "stub-expiry", "data": {"number1": "points", "date2": "day", "thing3": "advice"}}}'
WECHAT_API_URL = "https://api.weixin.qq.com"


class ConfigRefused(Exception):
    """A setting is missing or cannot be right; the text begins with its name."""


@dataclass(frozen=True)
class Template:
    """A template of subscribe messages as it was chosen in WeChat's console: its id, and field → our word."""

    id: str
    data: dict[str, str]


@dataclass(frozen=True)
class Config:
    """Every setting the program has. `deploy/.env.example` explains each to the person deploying."""

    environment: Literal["development", "production"]
    database_url: str
    redis_url: str | None
    secret_key: str  # signs tokens and codes
    previous_secret_key: str | None  # what it has signed is still accepted, while keys are exchanged
    index_key: str  # finds equal values without storing them; never changes, or nobody is recognised any more
    data_keys: dict[str, bytes]  # seal personal data; key id → 32 bytes, the first one seals
    wechat: Literal["stub", "real"]
    wechat_appid: str
    wechat_secret: str
    wechat_templates: dict[str, Template]
    wechat_api_url: str  # of WeChat, or outside production of a stub that is a process of its own
    wechat_push_token: str | None  # signs what WeChat pushes to us; None: nothing is received
    wechat_push_aes_key: str | None  # seals it
    demo: bool
    assisted_a_day: int  # how much may be spent for somebody by others on a day
    assisted_at_once: int  # and in one go
    two_needed_above: int  # how much somebody may spend alone of what belongs to several; above it a second one agrees
    pay_alone_up_to_fen: int  # above it two officers pay a statement
    unconfirmed_at_most: int  # how much a counter takes for somebody's code without asking their phone
    public_url: str  # where phones reach us, without a slash at the end
    trusted_proxies: int
    log_level: str
    host: str
    port: int
    threads: int

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Config":
        """Read and check every setting. Raises `ConfigRefused` naming the first one that cannot be right."""
        environment = _one_of(environ, "XINGFU_ENV", ("development", "production"), default="development")
        production = environment == "production"
        port = _whole(environ, "PORT", default=8000, low=0, high=65535)
        host = environ.get("HOST") or "127.0.0.1"
        secret_key = environ.get("SECRET_KEY") or DEVELOPMENT_SECRET
        previous_secret_key = environ.get("PREVIOUS_SECRET_KEY") or None
        index_key = environ.get("INDEX_KEY") or DEVELOPMENT_INDEX_KEY
        data_keys = environ.get("DATA_KEYS") or DEVELOPMENT_DATA_KEYS
        wechat = _one_of(environ, "WECHAT", ("stub", "real"), default="real" if production else "stub")
        demo = _one_of(environ, "DEMO", ("on", "off"), default="off" if production else "on") == "on"
        public_url = (environ.get("PUBLIC_URL") or f"http://{host}:{port}").rstrip("/")
        if len(secret_key.encode()) < 32:
            raise ConfigRefused("SECRET_KEY: needs at least 32 bytes")
        if previous_secret_key is not None and len(previous_secret_key.encode()) < 32:
            raise ConfigRefused("PREVIOUS_SECRET_KEY: needs at least 32 bytes, or nothing")
        if previous_secret_key == secret_key:
            raise ConfigRefused("PREVIOUS_SECRET_KEY: is the same as SECRET_KEY; leave it empty when none was before")
        if len(index_key.encode()) < 32:
            raise ConfigRefused("INDEX_KEY: needs at least 32 bytes")
        if wechat == "real" and not (environ.get("WECHAT_APPID") and environ.get("WECHAT_SECRET")):
            raise ConfigRefused("WECHAT_APPID and WECHAT_SECRET: both are needed when WECHAT=real")
        wechat_api_url = (environ.get("WECHAT_API_URL") or WECHAT_API_URL).rstrip("/")
        if _scheme(wechat_api_url) not in ("http", "https"):
            raise ConfigRefused(f"WECHAT_API_URL: needs to look like {WECHAT_API_URL}")
        push_token = environ.get("WECHAT_PUSH_TOKEN") or None
        push_aes_key = environ.get("WECHAT_PUSH_AES_KEY") or None
        if (push_token is None) != (push_aes_key is None):
            raise ConfigRefused("WECHAT_PUSH_TOKEN and WECHAT_PUSH_AES_KEY: one is of no use without the other")
        if push_token is not None and not re.fullmatch("[A-Za-z0-9]{3,32}", push_token):
            raise ConfigRefused("WECHAT_PUSH_TOKEN: needs 3 to 32 letters and digits")
        if push_aes_key is not None and not re.fullmatch("[A-Za-z0-9]{43}", push_aes_key):
            raise ConfigRefused("WECHAT_PUSH_AES_KEY: needs 43 letters and digits")
        if _scheme(public_url) not in ("http", "https"):
            raise ConfigRefused("PUBLIC_URL: needs to look like https://points.example.cn")
        if production:
            if secret_key == DEVELOPMENT_SECRET:
                raise ConfigRefused("SECRET_KEY: production needs its own; this one is public")
            if previous_secret_key == DEVELOPMENT_SECRET:
                raise ConfigRefused("PREVIOUS_SECRET_KEY: this one is public, so anybody could sign with it")
            if index_key == DEVELOPMENT_INDEX_KEY:
                raise ConfigRefused("INDEX_KEY: production needs its own; this one is public")
            if set(_data_keys(DEVELOPMENT_DATA_KEYS).values()) & set(_data_keys(data_keys).values()):
                raise ConfigRefused("DATA_KEYS: production needs its own; this one is public")
            if wechat == "stub":
                raise ConfigRefused("WECHAT: the stub lets anybody be anybody and is refused in production")
            if wechat_api_url != WECHAT_API_URL:
                raise ConfigRefused(f"WECHAT_API_URL: production asks {WECHAT_API_URL} and nobody else")
            if demo:
                raise ConfigRefused("DEMO: the demo street is refused in production")
            if not environ.get("DATABASE_URL"):
                raise ConfigRefused("DATABASE_URL: production needs to say where its data lives")
            if _scheme(public_url) != "https":
                raise ConfigRefused("PUBLIC_URL: production needs https")
        return cls(
            environment=environment,  # type: ignore[arg-type]  # _one_of has checked it
            database_url=database_url(environ.get("DATABASE_URL")),
            redis_url=environ.get("REDIS_URL") or None,
            secret_key=secret_key,
            previous_secret_key=previous_secret_key,
            index_key=index_key,
            data_keys=_data_keys(data_keys),
            wechat=wechat,  # type: ignore[arg-type]
            wechat_appid=environ.get("WECHAT_APPID") or "stub-appid",
            wechat_secret=environ.get("WECHAT_SECRET") or "stub-secret",
            wechat_templates=_templates(
                environ.get("WECHAT_TEMPLATES") or (STUB_TEMPLATES if wechat == "stub" else "{}")
            ),
            wechat_api_url=wechat_api_url,
            wechat_push_token=push_token,
            wechat_push_aes_key=push_aes_key,
            demo=demo,
            assisted_a_day=_whole(environ, "ASSISTED_A_DAY", default=300, low=0, high=1_000_000),
            assisted_at_once=_whole(environ, "ASSISTED_AT_ONCE", default=200, low=0, high=1_000_000),
            two_needed_above=_whole(environ, "GROUP_TWO_LEADERS_ABOVE", default=100, low=0, high=1_000_000),
            pay_alone_up_to_fen=_whole(environ, "PAY_ALONE_UP_TO_FEN", default=100_000, low=0, high=10_000_000_000),
            unconfirmed_at_most=_whole(environ, "UNCONFIRMED_AT_MOST", default=100, low=0, high=1_000_000),
            public_url=public_url,
            trusted_proxies=_whole(environ, "TRUSTED_PROXIES", default=0, low=0, high=5),
            log_level=_one_of(environ, "LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), default="INFO"),
            host=host,
            port=port,
            threads=_whole(environ, "THREADS", default=8, low=1, high=64),
        )


def database_url(said: str | None) -> str:
    """The SQLAlchemy address of a database; nothing said means SQLite under `instance/`."""
    if not said:
        return f"sqlite:///{PROJECT / 'instance' / 'xingfu.sqlite3'}"
    scheme, separator, rest = said.partition("://")
    if scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        return f"postgresql+psycopg{separator}{rest}"
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
        return said
    raise ConfigRefused("DATABASE_URL: needs postgresql://… or sqlite:///path/to/file")


def _one_of(environ: Mapping[str, str], name: str, allowed: tuple[str, ...], *, default: str) -> str:
    value = environ.get(name) or default
    if value not in allowed:
        raise ConfigRefused(f"{name}: needs to be one of {', '.join(allowed)}")
    return value


def _whole(environ: Mapping[str, str], name: str, *, default: int, low: int, high: int) -> int:
    said = environ.get(name) or str(default)
    if not said.isascii() or not said.isdigit() or len(said) > 9 or not low <= int(said) <= high:
        raise ConfigRefused(f"{name}: needs a whole number from {low} to {high}")
    return int(said)


def _scheme(url: str) -> str:
    """http, https or whatever it says; nothing when it names no host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.scheme if parts.netloc else ""


def _templates(said: str) -> dict[str, Template]:
    """JSON: {topic: {"id": template id, "data": {field: word}}}; a field is named by its kind and a number."""
    try:
        read = json.loads(said)
        templates = {str(topic): Template(id=one["id"], data=dict(one["data"])) for topic, one in read.items()}
        well_said = all(
            re.fullmatch("[A-Za-z0-9_-]{1,64}", template.id)
            and template.data
            and all(re.fullmatch("[a-z_]+[0-9]{1,2}", field) for field in template.data)
            and all(isinstance(word, str) for word in template.data.values())
            for template in templates.values()
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        well_said = False
    if not well_said:
        raise ConfigRefused('WECHAT_TEMPLATES: needs {"expiry": {"id": "…", "data": {"number1": "points", …}}}')
    return templates


def _data_keys(said: str) -> dict[str, bytes]:
    """`id:base64` pairs separated by commas, newest first; an id names the key inside every sealed value."""
    keys: dict[str, bytes] = {}
    for pair in said.split(","):
        key_id, _, encoded = pair.strip().partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if not (key_id.isascii() and key_id.isalnum() and len(key_id) <= 16 and len(key) == 32):
            raise ConfigRefused("DATA_KEYS: needs id:base64 pairs of 32 bytes each, separated by commas")
        if key_id in keys:
            raise ConfigRefused(f"DATA_KEYS: {key_id} is there twice")
        keys[key_id] = key
    return keys
