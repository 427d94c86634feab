"""How a message stands in a template of WeChat's: which of our words fills which field, and how long it may be.

The kinds of fields and their limits: 订阅消息参数值内容限制, subscribeMessage.send.
"""

from typing import Any

from backend.foundation.config import ConfigRefused, Template
from backend.messages.texts import WORDS

# Characters that a field of each kind takes; the others take what we say as it is.
LONGEST = {"thing": 20, "character_string": 32, "phrase": 5, "name": 10}


def filled(template: Template, topic: str, facts: dict[str, Any]) -> dict[str, str]:
    """Field → what it says."""
    words = WORDS[topic].of(facts)
    return {field: _cut(words[word], field) for field, word in template.data.items()}


def check_templates(templates: dict[str, Template]) -> None:
    """Raises `ConfigRefused` when a template is for a message, or asks for a word, that we do not have."""
    for topic, template in templates.items():
        known = WORDS[topic].words if topic in WORDS else ()
        unknown = [word for word in template.data.values() if word not in known]
        if topic not in WORDS or unknown:
            has = "、".join(known) or "、".join(WORDS)
            raise ConfigRefused(f"WECHAT_TEMPLATES: {topic} {' '.join(unknown)} is unknown; there is {has}")


def _cut(words: str, field: str) -> str:
    most = LONGEST.get(field.rstrip("0123456789"), len(words))
    return words if len(words) <= most else words[: most - 1] + "…"
