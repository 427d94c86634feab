"""Plausible names: surnames as often as they are in China, given names as the generations have them."""

from random import Random

# Per thousand, after the Ministry of Public Security's count of 2020 (《二〇二〇年全国姓名报告》); rounded.
_SURNAMES = {
    **{"王": 72, "李": 72, "张": 68, "刘": 52, "陈": 45, "杨": 31, "黄": 25, "赵": 21, "吴": 20, "周": 19},
    **{"徐": 14, "孙": 14, "马": 13, "朱": 12, "胡": 12, "郭": 11, "何": 11, "林": 11, "高": 10, "罗": 9},
    **{"郑": 9, "梁": 9, "谢": 8, "宋": 8, "唐": 8, "许": 7, "韩": 7, "邓": 7, "冯": 7, "曹": 6, "彭": 6},
    **{"曾": 6, "肖": 6, "田": 5, "董": 5, "潘": 5, "袁": 5, "蔡": 5, "蒋": 5, "余": 4, "于": 4, "杜": 4},
    **{"叶": 4, "程": 4, "魏": 4, "苏": 4, "吕": 4, "丁": 4, "任": 4, "卢": 4, "姚": 4, "沈": 4, "钟": 4},
    **{"姜": 3, "崔": 3, "谭": 3, "陆": 3, "范": 3, "汪": 3, "廖": 3, "石": 3, "金": 3, "韦": 3, "贾": 3},
    **{"夏": 3, "付": 3, "方": 3, "邹": 3, "熊": 3, "白": 3, "孟": 3, "秦": 3, "邱": 3, "侯": 3, "江": 3},
    **{"尹": 2, "薛": 2, "闫": 2, "段": 2, "雷": 2, "龙": 2, "黎": 2, "史": 2, "陶": 2, "贺": 2, "欧阳": 1},
}

_GENERATIONS = {
    "elder": ("建国秀英玉兰桂珍淑华志德福永春翠凤金贵荣庆文忠", "英兰珍华芳云生明强林山海义芝梅香清才"),
    "middle": ("志建晓海丽文国红卫永春燕雪立金少宏学", "伟强勇军敏静丽娟艳涛明超霞平刚杰玲辉斌萍"),
    "young": ("子梓浩雨思欣一佳俊诗宇嘉若语沐奕", "涵轩怡琪豪萱彤睿妍泽晨然菲航宁悦"),
}
_SINGLE = {"elder": "英兰珍华芳云", "middle": "伟芳敏静丽强磊军洋勇艳杰娟涛明超", "young": "睿轩涵悦宁晨"}

# A name by its category: what such a group is called, and what it does.
GROUPS = {
    "service": (
        ("志愿服务队", "清洁楼道、照看花园"),
        ("家电义修队", "每月一次免费维修"),
        ("理发服务队", "上门为老人理发"),
        ("绿色种植组", "阳台种植与堆肥"),
        ("垃圾分类督导队", "桶前值守与入户宣传"),
        ("助老送餐队", "给行动不便的老人送午餐"),
    ),
    "public_good": (
        ("巡逻队", "夜间巡逻与消防检查"),
        ("巧手编织坊", "编织爱心毛衣"),
        ("老兵宣讲团", "红色故事进社区"),
        ("爱心衣橱", "旧衣整理与捐赠"),
        ("护学岗", "上下学路口值守"),
    ),
    "mutual_aid": (
        ("银龄互助社", "邻里互助，陪伴独居老人"),
        ("妈妈互助团", "托管接送，互相搭把手"),
        ("照护者之家", "照护经验交流与喘息服务"),
        ("四点半课堂", "放学后看护和作业辅导"),
    ),
    "culture_sports": (
        ("舞蹈队", "广场舞与文艺演出"),
        ("合唱团", "每周三晚排练"),
        ("太极拳社", "清晨太极与八段锦"),
        ("健步走队", "清晨健步走"),
        ("读书会", "每周共读一本书"),
        ("书画社", "书法国画，春联送福"),
        ("乒乓球队", "天天约球，月月比赛"),
        ("摄影小组", "拍下身边的幸福"),
    ),
    "governance": (
        ("邻里议事会", "四邻议事，共商共治"),
        ("楼门长联席会", "楼门事务一起商量"),
        ("物业监督小组", "收集问题，跟进整改"),
    ),
}
WEIGHTS = {"service": 30, "public_good": 20, "mutual_aid": 15, "culture_sports": 27, "governance": 8}
STAGES = {"filed": 75, "forming": 10, "circle": 12, "suspended": 3}

_GROUP_PREFIXES = (
    *("清晨", "夕阳红", "青藤", "阳光", "百合", "同心", "暖心", "金色", "向日葵", "春风", "彩虹", "梧桐"),
    *("紫薇", "和风", "百家", "小巷", "新苗", "常青", "海棠", "邻家", "星火", "晨光", "月季", "老街"),
)

COMMUNITIES = (
    *("幸福社区", "安宁社区", "和谐社区", "锦绣社区", "翠湖社区", "朝阳社区", "建设社区", "文汇社区", "东苑社区"),
    *("西苑社区", "运河社区", "玉桥社区", "胜利社区", "新华社区", "梨园社区", "北苑社区"),
)

ACTIVITIES = {
    "service": ("楼道清洁日", "花园补种", "清洁家园周末行动", "义务维修进小区", "助老理发日", "分类桶前值守"),
    "public_good": ("消防安全巡查", "夜间巡逻", "红色故事会", "爱心编织", "护学值守", "旧衣整理捐赠"),
    "mutual_aid": ("探访独居老人", "重阳敬老包饺子", "四点半课堂", "照护经验交流", "陪同就医"),
    "culture_sports": ("每周排练", "中秋游园会", "健步走", "读书分享会", "书法小课", "邻里运动会", "露天电影"),
    "governance": ("停车难议事会", "楼门例会", "物业问题碰头会", "加装电梯听证"),
}
PLACES = ("社区中心花园", "居民活动室", "党群服务中心", "小区广场", "文化站", "老年驿站")

SHOPS = {
    "面包房": (("馒头一袋", 10, "counter", 0), ("生日蛋糕（六寸）", 300, "reserved", 2000)),
    "理发店": (("老人理发一次", 40, "counter", 0), ("剪发一次", 60, "counter", 500)),
    "超市": (("鸡蛋一斤", 30, "counter", 0), ("大米五公斤", 120, "counter", 0), ("洗衣液一瓶", 60, "counter", 500)),
    "药房": (("创可贴一盒", 15, "counter", 0), ("血压测量一次", 5, "counter", 0)),
    "洗衣店": (("羽绒服清洗", 100, "reserved", 0), ("衬衫熨烫", 30, "counter", 0)),
    "餐厅": (("老年餐一份", 30, "counter", 300), ("早餐一份", 20, "counter", 0)),
    "家政": (("擦窗一次", 200, "reserved", 0),),
    "书店": (("借书卡一月", 50, "counter", 0), ("练习本三本", 20, "counter", 0)),
}
_SHOP_PREFIXES = ("幸福", "便民", "惠民", "康乐", "阳光", "邻里", "老味道", "四季", "家家", "福源")

SUGGESTION_REASONS = ("谁家电器坏了都找他", "带着邻居们练了好几年", "热心又有耐心，手艺也好", "街坊有矛盾都愿意听他劝")


def surname(dice: Random) -> str:
    """One surname, as often as people have it."""
    return dice.choices(tuple(_SURNAMES), tuple(_SURNAMES.values()))[0]


def given_name(dice: Random, generation: str) -> str:
    """`elder`, `middle` or `young`."""
    if dice.random() < 0.2:
        return dice.choice(_SINGLE[generation])
    first, second = _GENERATIONS[generation]
    return dice.choice(first) + dice.choice(second)


def group_name(dice: Random, community: str, category: str) -> tuple[str, str]:
    """A name within the community, and what the group does."""
    called, theme = dice.choice(GROUPS[category])
    return f"{community.removesuffix('社区')}{dice.choice(_GROUP_PREFIXES)}{called}", theme


def shop_name(number: int) -> tuple[str, str]:
    """The name of the shop of that number, another one for each, and its kind."""
    kinds = tuple(SHOPS)
    kind = kinds[number % len(kinds)]
    prefix = _SHOP_PREFIXES[number // len(kinds) % len(_SHOP_PREFIXES)]
    branch = number // (len(kinds) * len(_SHOP_PREFIXES))
    return f"{prefix}{kind}" + (f"（{branch + 1}店）" if branch else ""), kind
