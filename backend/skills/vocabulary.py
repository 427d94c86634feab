"""Words to choose from when somebody lists something; other words are welcome."""

from collections.abc import Iterator

from backend.foundation.search import searchable

KINDS = ("interest", "skill", "profession")

SUGGESTED: dict[str, tuple[str, ...]] = {
    "interest": (
        *("合唱", "广场舞", "太极拳", "书法", "国画", "摄影", "象棋", "围棋", "乒乓球", "羽毛球", "健步走", "骑行"),
        *("阅读", "园艺", "编织", "剪纸", "烘焙", "戏曲", "二胡", "手工"),
    ),
    "skill": (
        *("家电维修", "水电维修", "电脑维修", "手机使用辅导", "理发", "缝纫", "磨刀", "管道疏通", "自行车修理"),
        *("面点制作", "老年陪护", "儿童托管", "作业辅导", "急救", "心理疏导", "矛盾调解", "手语", "英语", "摄像剪辑"),
    ),
    "profession": (
        *("医生", "护士", "教师", "律师", "会计", "电工", "厨师", "社工", "消防员", "退休干部", "工程师", "设计师"),
        *("心理咨询师", "健身教练", "营养师", "药师"),
    ),
}


def suggestions(*, kind: str | None, typed: str | None) -> Iterator[tuple[str, str]]:
    """Kind and word, of one kind or of all; found by Chinese, pinyin or initials."""
    wanted = "".join((typed or "").lower().split())
    for each, words in SUGGESTED.items():
        if kind in (None, each):
            yield from ((each, word) for word in words if not wanted or wanted in searchable(word))
