"""A street whose WeChat judges as the rule needs."""

import pytest

from tests.builders.wechat import PretendWeChat


@pytest.fixture
def wechat(app, monkeypatch) -> PretendWeChat:
    pretend = PretendWeChat()
    monkeypatch.setitem(app.extensions, "wechat", pretend)
    return pretend
