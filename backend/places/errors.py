"""What places refuses."""

from backend.foundation.errors import Conflict, NotFound


class UnknownOffice(NotFound):
    code = "office_unknown"
    message = "没有这个街道，请从街道列表里选择"


class OfficeExists(Conflict):
    code = "office_exists"
    message = "已有编号 {office_id} 或同名的街道，请换一个编号和名称"
    advice_facts = {"office_id": 5}  # noqa: RUF012


class NoDistrict(Conflict):
    code = "district_unknown"
    message = "编号 {office_id} 不是区级机构，请先开通区级机构再登记下属街道"
    advice_facts = {"office_id": 9}  # noqa: RUF012


class AreaClosed(Conflict):
    code = "area_closed"
    message = "{name}已并入{into}，请改选{into}"
    advice_facts = {"name": "安宁社区", "into": "幸福社区"}  # noqa: RUF012


class AreaNameTaken(Conflict):
    code = "area_name_taken"
    message = "同一上级下已有“{name}”，请换一个名称，或将两者合并"
    advice_facts = {"name": "第一网格"}  # noqa: RUF012


class AreaOutOfOrder(Conflict):
    code = "area_out_of_order"
    message = "层级应为 社区、网格、楼栋、单元，{kind}不能放在{parent}下面，请选择正确的上级"
    advice_facts = {"kind": "单元", "parent": "网格"}  # noqa: RUF012


class MergeOfDifferentKinds(Conflict):
    code = "merge_of_different_kinds"
    message = "只能合并同一层级的两个区域，且不能与自己合并，请重新选择"


class DoorsLivedInTwice(Conflict):
    """Two households with people, or points in the pot, behind what would become one door."""

    code = "doors_lived_in_twice"
    message = "有 {doors} 个门牌在两边都有人居住或有家庭积分，请先核对并更正门牌，再合并"
    advice_facts = {"doors": 1, "households": ["01936f1a-0000-7000-8000-000000000000"]}  # noqa: RUF012


class DoorTaken(Conflict):
    code = "door_taken"
    message = "这里已经登记了这个门牌，请核对门牌，或加入已有的庭户"
