"""What the environment says wrong is refused at start, by name."""

import base64

import pytest

from backend.foundation.config import (
    DEVELOPMENT_DATA_KEYS,
    DEVELOPMENT_INDEX_KEY,
    DEVELOPMENT_SECRET,
    Config,
    ConfigRefused,
    database_url,
)

ONE_KEY = "k1:" + base64.b64encode(b"1" * 32).decode()

PRODUCTION = {
    "XINGFU_ENV": "production",
    "SECRET_KEY": "s" * 32,
    "INDEX_KEY": "i" * 32,
    "DATA_KEYS": ONE_KEY,
    "WECHAT_APPID": "wx1",
    "WECHAT_SECRET": "secret",
    "DATABASE_URL": "postgresql://db/xingfu",
    "PUBLIC_URL": "https://points.example.cn",
}


def test_nothing_said_is_the_embedded_default():
    config = Config.from_environment({})

    assert not config.is_production
    assert config.database_url.startswith("sqlite:////")
    assert (config.redis_url, config.wechat, config.demo) == (None, "stub", True)
    assert config.public_url == "http://127.0.0.1:8000"
    assert config.wechat_api_url == "https://api.weixin.qq.com"
    assert (config.wechat_push_token, config.wechat_push_aes_key) == (None, None)


def test_production_starts_with_settings_of_its_own():
    config = Config.from_environment(PRODUCTION)

    assert config.is_production
    assert (config.wechat, config.demo) == ("real", False)
    assert config.database_url == "postgresql+psycopg://db/xingfu"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("XINGFU_ENV", "staging"),
        ("PORT", "http"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "８０００"),
        ("PORT", "9" * 5000),
        ("THREADS", "0"),
        ("THREADS", "65"),
        ("TRUSTED_PROXIES", "6"),
        ("LOG_LEVEL", "LOUD"),
        ("WECHAT", "maybe"),
        ("DEMO", "yes"),
        ("SECRET_KEY", "x" * 31),
        ("INDEX_KEY", "x" * 31),
        ("DATA_KEYS", "k1:short"),
        ("DATA_KEYS", "k1:" + base64.b64encode(b"1" * 31).decode()),
        ("DATA_KEYS", "k1"),
        ("DATA_KEYS", "k:1:" + base64.b64encode(b"1" * 32).decode()),
        ("DATA_KEYS", f"{ONE_KEY},"),
        ("DATA_KEYS", f"{ONE_KEY},{ONE_KEY}"),
        ("DATA_KEYS", "钥:" + base64.b64encode(b"1" * 32).decode()),
        ("PUBLIC_URL", "points.example.cn"),
        ("PUBLIC_URL", "ftp://points.example.cn"),
        ("PUBLIC_URL", "http://["),
        ("DATABASE_URL", "mysql://db/xingfu"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "postgresql+psycopg2://db/xingfu"),
        ("WECHAT_APPID", None),
        ("WECHAT_API_URL", "api.weixin.qq.com"),
        ("WECHAT_API_URL", "file:///etc"),
        ("WECHAT_PUSH_TOKEN", "abc"),
        ("WECHAT_PUSH_AES_KEY", "A" * 43),
    ],
)
def test_a_setting_that_cannot_be_right_is_refused_by_name(name, value):
    said = {"WECHAT": "real"} if value is None else {name: value}

    with pytest.raises(ConfigRefused, match=f"^(WECHAT_PUSH_TOKEN and )?{name}"):
        Config.from_environment(said)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", None),
        ("SECRET_KEY", DEVELOPMENT_SECRET),
        ("INDEX_KEY", None),
        ("INDEX_KEY", DEVELOPMENT_INDEX_KEY),
        ("DATA_KEYS", None),
        ("DATA_KEYS", DEVELOPMENT_DATA_KEYS),
        ("DATA_KEYS", f"{DEVELOPMENT_DATA_KEYS} "),
        ("DATA_KEYS", f"{ONE_KEY},old:{DEVELOPMENT_DATA_KEYS.partition(':')[2]}"),
        ("WECHAT", "stub"),
        ("WECHAT_API_URL", "http://127.0.0.1:9009"),
        ("WECHAT_API_URL", "https://api.weixin.qq.com.example.cn"),
        ("WECHAT_API_URL", "http://api.weixin.qq.com"),
        ("WECHAT_APPID", None),
        ("DEMO", "on"),
        ("DATABASE_URL", None),
        ("PUBLIC_URL", None),
        ("PUBLIC_URL", "http://points.example.cn"),
    ],
)
def test_production_refuses_what_only_a_newcomer_may_have(name, value):
    said = {key: known for key, known in PRODUCTION.items() if key != name}

    with pytest.raises(ConfigRefused, match=f"^{name}"):
        Config.from_environment(said if value is None else said | {name: value})


@pytest.mark.parametrize(
    ("said", "understood"),
    [
        ("postgres://db/x", "postgresql+psycopg://db/x"),
        ("postgresql://db/x", "postgresql+psycopg://db/x"),
        ("postgresql+psycopg://db/x", "postgresql+psycopg://db/x"),
        ("sqlite:////var/x.sqlite3", "sqlite:////var/x.sqlite3"),
    ],
)
def test_database_addresses_are_understood_as_hosters_write_them(said, understood):
    assert database_url(said) == understood


PUSH = {"WECHAT_PUSH_TOKEN": "abc", "WECHAT_PUSH_AES_KEY": "A1" * 21 + "b"}


def test_production_may_receive_pushes_and_need_not():
    assert Config.from_environment(PRODUCTION).wechat_push_token is None

    config = Config.from_environment(PRODUCTION | PUSH)
    assert (config.wechat_push_token, config.wechat_push_aes_key) == tuple(PUSH.values())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WECHAT_PUSH_TOKEN", "ab"),
        ("WECHAT_PUSH_TOKEN", "a" * 33),
        ("WECHAT_PUSH_TOKEN", "with-dashes"),
        ("WECHAT_PUSH_AES_KEY", "A" * 42),
        ("WECHAT_PUSH_AES_KEY", "A" * 44),
        ("WECHAT_PUSH_AES_KEY", "A" * 42 + "="),
    ],
)
def test_what_wechat_would_not_take_for_pushes_is_refused_by_name(name, value):
    with pytest.raises(ConfigRefused, match=f"^{name}: "):
        Config.from_environment(PUSH | {name: value})


def test_outside_production_wechat_may_be_a_stub_of_its_own():
    said = {"WECHAT": "real", "WECHAT_APPID": "wx1", "WECHAT_SECRET": "s", "WECHAT_API_URL": "http://127.0.0.1:9009/"}

    assert Config.from_environment(said).wechat_api_url == "http://127.0.0.1:9009"
