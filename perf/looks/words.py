"""What people and apps write, in Chinese and in English."""

from __future__ import annotations

from random import Random

CHINESE, ENGLISH = True, False


def _each(told: str) -> tuple[str, ...]:
    return tuple(told.split("|"))


NAMES = {
    CHINESE: _each(
        "陈小米|阿泽|林间鹿|王老师|橙子妈妈|周末不加班|Judy|南山|木木|何为|海边的风|徐徐|大鹏|"
        "李静|三月|安可|Tony张|豆包|清欢|老吴"
    ),
    ENGLISH: _each(
        "Hannah Cole|Marco R.|Ines Duarte|Sam Okafor|Priya N|Leo Brandt|Wen Li|Olga Petrova|"
        "Jack H|Amina Yusuf|Tom & Rae|Chris Lund|Nora Beck|Dana"
    ),
}
CAPTIONS = {
    CHINESE: (
        "跟着老师走了一遍，收获比想象的多",
        "这个周末一起来？我已经报名了",
        "帮朋友转一下，感兴趣的扫码",
        "认真推荐，限额，先到先得。孩子听完自己要求再听一遍，全家都在等下一期。",
        "终于开课了",
        "替同事发的，别错过",
        "最后二十个位子",
        "",
    ),
    ENGLISH: (
        "Signed up last night, who else is in?",
        "Sharing this for a friend, it is free and really good",
        "Worth an hour of your week. I went in the spring and still use what I learned there every day.",
        "See you there!",
        "A few places left",
        "Please pass it on",
        "",
    ),
}
CHATTER = {
    CHINESE: (
        "楼下的花开了",
        "今天吃什么",
        "下班路上的晚霞",
        "求一个靠谱的搬家公司",
        "跑完十公里，累",
        "书到了，开心",
        "新店试吃，踩雷",
    ),
    ENGLISH: (
        "Coffee first.",
        "New shoes, same slow pace",
        "The garden this morning",
        "Does anyone know a good plumber?",
        "Home at last",
        "What a match",
    ),
}
REPLIES = {
    CHINESE: (
        "怎么参加",
        "已报名",
        "收到，谢谢",
        "在哪里上课？",
        "支持",
        "好的好的",
        "帮转了",
        "截图发这里吗",
    ),
    ENGLISH: (
        "How do I join?",
        "Done, thanks",
        "Where is it?",
        "Nice one",
        "Shared it too",
        "Count me in",
        "Post the screenshot here",
    ),
}
DEVICES = ("iPhone 15", "iPhone", "HUAWEI Mate 60", "小米14", "OPPO Find X7", "微博网页版", "Android")
PLACES = {CHINESE: ("上海", "广东", "四川成都", "北京"), ENGLISH: ("London", "Lisbon", "Toronto")}
TOPICS = {CHINESE: "#周末去哪儿#", ENGLISH: "#Weekend#"}
CLUBS = {
    CHINESE: ("读书打卡三群", "家长交流群", "报名通知", "同学会", "跑步小组"),
    ENGLISH: ("Book circle", "Parents of 4B", "Sunday runners", "Course news", "Old friends"),
}
MONTHS = _each("January|February|March|April|May|June|July|August|September|October|November|December")


def clock(dice: Random) -> str:
    return f"{dice.randrange(24):02d}:{dice.randrange(60):02d}"


KINDS = ("now", "minutes", "hours", "yesterday", "days", "date")
OFTEN = {"": (1, 5, 6, 2, 3, 1), "young": (1, 5, 0, 0, 0, 0), "old": (0, 0, 0, 0, 3, 1)}
OLD_DAYS = 2
"""Whole days that an old post has at least."""


def age(dice: Random, is_chinese: bool, form: str = "long", since: str = "") -> str:
    """How old a post is: `form` is long (2 hours ago), short (2h) or stamp (a day and a clock); `since` is young (less
    than an hour), old, or any."""
    if form == "stamp" and since != "young":
        return _stamp(dice, is_chinese, since)
    kind = dice.choices(KINDS, OFTEN[since])[0]
    count = {
        "minutes": dice.randrange(2, 60),
        "hours": dice.randrange(2, 24),
        "days": dice.randrange(2, 7),
    }.get(kind, 0)
    if is_chinese:
        return _chinese(dice, kind, count, form)
    return _english(dice, kind, count, form)


def _chinese(dice: Random, kind: str, count: int, form: str) -> str:
    after = "" if form == "short" else "前"
    return {
        "now": "刚刚",
        "minutes": f"{count}分钟{after}",
        "hours": f"{count}小时{after}",
        "yesterday": dice.choice(("昨天", f"昨天 {clock(dice)}")),
        "days": f"{count}天{after}",
        "date": f"{dice.randrange(1, 13)}月{dice.randrange(1, 29)}日",
    }[kind]


def _english(dice: Random, kind: str, count: int, form: str) -> str:
    if form == "short":
        return {
            "now": "Just now",
            "minutes": f"{count}m",
            "hours": f"{count}h",
            "yesterday": "1d",
            "days": f"{count}d",
            "date": f"{dice.choice(MONTHS)[:3]} {dice.randrange(1, 29)}",
        }[kind]
    return {
        "now": "Just now",
        "minutes": dice.choice((f"{count} minutes ago", f"{count} mins ago")),
        "hours": dice.choice((f"{count} hours ago", f"{count} hrs ago")),
        "yesterday": dice.choice(("Yesterday", f"Yesterday at {clock(dice)}")),
        "days": f"{count} days ago",
        "date": f"{dice.choice(MONTHS)} {dice.randrange(1, 29)}",
    }[kind]


def _stamp(dice: Random, is_chinese: bool, since: str) -> str:
    if not is_chinese and since == "old":
        return f"{dice.choice(MONTHS)} {dice.randrange(1, 29)} at {clock(dice)}"
    if not is_chinese:
        return dice.choice(("Today", "Yesterday")) + f" at {clock(dice)}"
    day = f"{dice.randrange(1, 13):02d}-{dice.randrange(1, 29):02d}"
    if since == "old":
        return dice.choice((f"{day} {clock(dice)}", f"2025-{day} {clock(dice)}"))
    return dice.choice(
        (f"今天 {clock(dice)}", f"昨天 {clock(dice)}", f"{day} {clock(dice)}", f"2025-{day} {clock(dice)}")
    )


LIES = {
    CHINESE: (
        "5分钟前 公开",
        "刚刚 公开",
        "3分钟前 公开可见",
        "2分钟前 所有人可见",
        "公开",
        "8分钟前 删除",
        "公开 1分钟前",
    ),
    ENGLISH: (
        "1 min ago Public",
        "Public · 1 min ago",
        "5 minutes ago · Public",
        "Just now · Everyone",
        "Public",
        "2 mins ago Delete",
        "3m · Public",
    ),
}
"""What some would have believed of their post, where anybody may write."""
TITLES = {
    CHINESE: _each(
        "城市夜跑计划|一周学会手冲|周末木工课|家庭理财十讲|古诗里的四季|零基础水彩|声音训练营|"
        "亲子天文夜|慢病饮食课|第一次做播客|老照片修复|书法入门班|山野徒步团|家常菜三十道"
    ),
    ENGLISH: _each(
        "Bread at Home|Night Sky Walks|Write Your First Story|Balcony Gardens|"
        "Sketching in a Week|Repair, Don't Buy|Chess for Parents|Speak With Ease|"
        "The Quiet Runner|Maps and Stories|Film in One Day|Money in Plain Words"
    ),
}
UNDER = {
    CHINESE: (
        "四次线下课，小班十二人",
        "每晚八点，听得懂用得上",
        "周六上午开课，带上孩子",
        "二十一天打卡，有人陪着学",
        "老师逐个看作业",
        "名额八十，满员即止",
        "从工具到作品，一步一步",
    ),
    ENGLISH: (
        "Four evenings, twelve people",
        "Every Saturday at nine, bring the kids",
        "Three weeks, a little each day",
        "Eighty places and no more",
        "A teacher looks at each piece",
        "From first tools to finished work",
    ),
}
POINTS = {
    CHINESE: _each(
        "材料全包 不另收费|课后录像看一年|现场答疑两小时|结课作品带回家|往期学员分享会|"
        "雨天改期不扣课|讲师来自本地学校|提供素食茶点|地铁站步行五分钟|教材电子版赠送|"
        "老学员带新人免单|每组配一位助教"
    ),
    ENGLISH: _each(
        "All materials included|Recordings for a year|Two hours of questions|Take your work home|"
        "Rain date guaranteed|Taught by local teachers|Five minutes from the station|"
        "Tea and snacks|Notes as a booklet|Bring a friend for free|One helper per table|"
        "Open to beginners"
    ),
}
OFFERS = {
    CHINESE: ("早鸟 ¥68 起", "前50名免费", "邀两位好友 同行免单", "体验价 ¥9.9", "学生半价"),
    ENGLISH: ("First lesson free", "Early birds: $12", "Two for one this week", "Students half price"),
}
HINTS = {
    CHINESE: ("扫一扫报名", "长按识别，立即加入", "微信扫码"),
    ENGLISH: ("Scan to join", "Scan for a seat", "Sign up here"),
}
INVITES = {
    CHINESE: ("邀你同行", "喊你来上课", "送你一个名额"),
    ENGLISH: ("invites you", "saved you a seat", "is going"),
}
