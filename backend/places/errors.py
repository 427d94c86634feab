"""What places refuses."""

from backend.foundation.errors import NotFound


class UnknownOffice(NotFound):
    code = "office_unknown"
    message = "没有这个街道，请从街道列表里选择"
