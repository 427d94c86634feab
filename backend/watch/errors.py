"""What watchfulness refuses."""

from backend.foundation.errors import Conflict, Forbidden


class CalledBack(Conflict):
    code = "called_back"
    message = "这笔兑换已有回访结果，请刷新查看"


class OwnCallBack(Forbidden):
    code = "own_call_back"
    message = "不能回访自己或家人的兑换，请由其他工作人员办理"
