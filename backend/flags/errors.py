"""What flags refuse."""

from backend.foundation.errors import Conflict, Forbidden


class FlagDecided(Conflict):
    code = "flag_decided"
    message = "这条提示已经处理过了，请刷新查看"


class OwnFlag(Forbidden):
    code = "own_flag"
    message = "这条提示与您或您的家人有关，请由其他工作人员处理"
