"""What transparency refuses."""

from backend.foundation.errors import Conflict


class OfficeIsNoDistrict(Conflict):
    code = "office_is_no_district"
    message = "这里是街道，下属街道的数据请用区级机构的账号登录查看"
