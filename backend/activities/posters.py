"""What the 小程序码 of a poster says: `o=<office>&a=<activity>`, within WeChat's 32 characters.

The activity's identifier is written as the base64url of its 16 bytes, without padding: 22 characters. The phone gets
the scene when somebody scans the poster, logs in with it (`o=` names the office) and reads the identifier from `a=`.
"""

import base64
from uuid import UUID

PAGE = "pages/activity/activity"  # of the mini-program, where the poster leads


def scene_of(activity_id: UUID, *, office_id: int) -> str:
    """What the code of the poster hands to the mini-program."""
    return f"o={office_id}&a={base64.urlsafe_b64encode(activity_id.bytes).decode().rstrip('=')}"
