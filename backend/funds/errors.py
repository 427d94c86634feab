"""What funds refuses."""

from backend.foundation.errors import Conflict


class AllocationDecided(Conflict):
    code = "allocation_decided"
    message = "这笔入账已经处理过了，请刷新查看"


class FundNameTaken(Conflict):
    code = "fund_name_taken"
    message = "已有同名的资金，请换一个名称"
