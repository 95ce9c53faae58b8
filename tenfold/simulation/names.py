"""What simulated people are called and what they say. Invented; any likeness is chance."""

from __future__ import annotations

from random import Random

CHINESE = "zh-CN,zh;q=0.9"
ENGLISH = "en-US,en;q=0.9"

_CHINESE = """
小鹿乱撞 林间有风 阿杰 王小明 陈陈陈 南山南 一颗柠檬 橘子汽水 周末不加班 李想 豆豆妈妈 书虫阿紫 老张 小满 青柠 木子李
慢慢来 今天也要读书 半夏 麦田守望者 阿May Kevin读书 Lily妈 七七 大鱼海棠 苏苏 云淡风轻 胖虎 晚安北京 静待花开 何以笙
一米阳光 糖糖🍬 🌸樱子 小宇宙✨ 徐徐图之 白日梦想家 吃饱了再减肥 Echo回声 山有木兮 方方 爱读书的猫🐱 梁山伯不吃糖 兰亭序
橙子🍊 子非鱼 赵一一 北冥有鱼 🐳 👩‍👧悦悦和妈妈
"""
_ENGLISH = """
Mia, Ben, Olivia P., Jack Wu, sarah_reads, Tom, Anna-Lena, Ravi, Chloé, Mateo, BookWorm42, Grace L, O'Neil, kim, Zoë,
Hassan, Ida & Co, Yuki, Nina 📚, Big Al, <Max>
"""
CHINESE_NAMES = _CHINESE.split()
ENGLISH_NAMES = _ENGLISH.replace("\n", " ").strip().split(", ")
_ENDINGS = ("", "", "", "", "～", "🌙", "_2", "同学", "呀", "88")

POSTS = (
    ("晓彤", "今天的晚霞绝了"),
    ("Peter Chen", "Anyone up for a run on Saturday?"),
    ("妈妈", "记得按时吃饭"),
    ("老同学群主", "聚会时间定在下周六，大家安排好"),
    ("June", "New bakery around the corner.\nThe croissants!"),
    ("城市图书馆", "本周末有免费讲座"),
    ("跑团老周", "10 公里打卡"),
)
PITCHES = (
    "一起读完10本书，\n有没有一起的？",
    "这个读书会还不错，推荐给大家",
    "今年第一个读书计划，\n扫码一起",
    "Reading ten books together.\nCome and join me!",
)

_CHINESE_CHAT = """
大家好，刚进群～
请问海报在哪里保存？
已转发朋友圈
第一本读什么呀？
打卡！今天读了20页
这本我早就想看了
有一起读的小伙伴吗
收到，谢谢
晚上的分享几点开始？
哈哈哈同感
我邀请了两个同事
截图发了，麻烦看一下
终于找到组织了📖
通勤路上读完一章
"""
_ENGLISH_CHAT = """
Hi everyone, glad to be here!
Where do I save the poster?
Shared it with my class.
Same here :)
What is the first book?
20 pages today, done.
Screenshot sent, thanks for checking.
Love this
Just finished chapter one on the train.
Which evening is the talk?
Invited two colleagues.
"""
CHAT = {CHINESE: _CHINESE_CHAT.strip().splitlines(), ENGLISH: _ENGLISH_CHAT.strip().splitlines()}

COMPLAINTS = {
    CHINESE: (
        "海报上就是我的码，麻烦再看一下",
        "我是公开发的，没有设置分组",
        "刚发的朋友圈，可能截图太小了",
        "这是我自己截的图，没有用别人的",
    ),
    ENGLISH: (
        "It is my own code, please look again.",
        "The post is public, I checked.",
        "I posted it just now. Maybe the picture is too small?",
        "This is my own screenshot.",
    ),
}


# Streets that are nowhere; the telephone numbers are of ranges that nobody has.
STREETS = {
    CHINESE: ("书香路", "银杏街", "听雨巷", "南湖东道"),
    ENGLISH: ("Paper Lane", "Ginkgo Street", "Lantern Road"),
}


def some_nickname(dice: Random) -> tuple[str, str]:
    """A name, and the languages that its phone asks for. Names repeat, as they do."""
    if dice.random() < 0.28:
        return dice.choice(ENGLISH_NAMES), CHINESE if dice.random() < 0.2 else ENGLISH
    return dice.choice(CHINESE_NAMES) + dice.choice(_ENDINGS), CHINESE


def some_words(language: str, dice: Random) -> str:
    return dice.choice(CHAT[language])


def some_complaint(language: str, dice: Random) -> str:
    """Why somebody thinks that a verdict is wrong."""
    return dice.choice(COMPLAINTS[language])


def some_address(nickname: str, language: str, dice: Random) -> dict[str, str]:
    """Where a parcel would go."""
    street, house = dice.choice(STREETS[language]), dice.randrange(1, 200)
    is_chinese = language == CHINESE
    return {
        "name": nickname,
        "phone": f"1000000{dice.randrange(10000):04}" if is_chinese else f"555-01{dice.randrange(100):02}",
        "address": f"拾页市{street}{house}号" if is_chinese else f"{house} {street}, Tenpages",
    }
