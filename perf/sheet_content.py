"""What the ready designs are shown with: an ordinary campaign in both languages, and the ones that break designs."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from PIL import Image, ImageDraw

POSTER_ADDRESS = "HTTPS://TENFOLD.EXAMPLE/C/7K3M9QXP"
KEEPSAKE_ADDRESS = "HTTPS://TENFOLD.EXAMPLE/K/7K3M9QXT2B4NWZ8PC"
LANGUAGES = ("en", "zh-hans")


@dataclass(frozen=True)
class Case:
    """A campaign and one of its people. `changes` stand in for values of the ordinary case of the language."""

    language: str
    changes: Mapping[str, str] = field(default_factory=dict)
    has_face: bool = False

    @property
    def values(self) -> dict[str, str]:
        return {**ORDINARY[self.language], **self.changes}

    @property
    def avatar(self) -> bytes | None:
        return face() if self.has_face else None


ORDINARY: dict[str, dict[str, str]] = {
    "en": {
        "title": "Read ten good books in a hundred days",
        "subtitle": "Twenty minutes a day with a thousand people who don’t let each other quit.",
        "points": "A guide for every chapter\nA small group that keeps you going\nA signed copy when you finish",
        "endorsement": "Recommended by three hundred bookshops",
        "offer": "Join free. First 500 get the e-book",
        "brand": "Tenfold Reading Club",
        "campaign": "Hundred Days of Reading",
        "scan_hint": "Scan to join",
        "starts": "1 March 2026",
        "ends": "8 June 2026",
        "nickname": "Mia Torres",
        "invite": "Mia Torres invites you",
        "number": "7K3M-9QXT-2B4N-WZ8P-C",
        "date": "9 June 2026",
        "award": "Golden Reader",
        "rank": "3",
        "group": "Readers 1",
    },
    "zh-hans": {
        "title": "一百天，读完十本好书",
        "subtitle": "每天二十分钟，和一千位同伴一起把想读的书真正读完",
        "points": "每日领读，难书也能读下去\n小组打卡，互相督促不掉队\n读完十本，赠送作者签名版",
        "endorsement": "三百家书店联合推荐",
        "offer": "扫码免费入群\n前 500 名送电子书",
        "brand": "十页读书会",
        "campaign": "百日读书营",
        "scan_hint": "扫码加入",
        "starts": "2026 年 3 月 1 日",
        "ends": "2026 年 6 月 8 日",
        "nickname": "林晓梅",
        "invite": "林晓梅邀请你",
        "number": "7K3M-9QXT-2B4N-WZ8P-C",
        "date": "2026 年 6 月 9 日",
        "award": "金牌领读人",
        "rank": "3",
        "group": "共读一群",
    },
}

_LONG = {
    "title": "从零开始学会用人工智能写文章、做表格、画海报，三十天训练营第十二期现在开始报名，还可以免费带一位好友同行",
    "subtitle": "无论你是老师、店主还是自由职业者，每天跟着练半小时，"
    "三十天后你会有一整套自己的模板和作品，可以直接拿去用",
    "points": "每天一个可以直接照做的小任务，附视频、模板和参考答案\n五十人小班，助教当天批改，问题不过夜\n"
    "结营作品由三位评委打分，前十名进入作品集\n学完可免费复训一年\n支持七天无理由退款",
    "endorsement": "“上完以后我把每周写周报的时间从三小时缩短到二十分钟。”——某连锁书店运营总监，第九期学员",
    "offer": "原价 399 元，邀请三位好友一起报名，四人全部免费，仅限前 200 名",
    "brand": "拾页读书会与城市阅读推广联盟",
    "nickname": "名字特别特别长的一位用户来自内蒙古呼和浩特",
    "invite": "名字特别特别长的一位用户来自内蒙古呼和浩特邀请你",
    "award": "年度最具影响力社群推广大使特别贡献奖",
}
_WORDS = {
    "title": "Uncharacteristically comprehensive telecommunications course",
    "subtitle": "Counterrevolutionary misunderstandings notwithstanding, our curriculum stays comprehensible",
    "points": "Incomprehensibilities explained at https://example.org/a/very/long/address/without/blanks\n"
    "Antidisestablishmentarianism for beginners\nHow to say Llanfairpwllgwyngyllgogerychwyrndrobwll",
    "endorsement": "“Supercalifragilisticexpialidocious.” — Wolfeschlegelsteinhausenbergerdorff, editor-in-chief",
    "offer": "Recommend three friends before midnight and all four of you come free of charge!",
    "brand": "Gesellschaft für Weiterbildung International",
    "nickname": "Maximiliana Wolfeschlegelsteinhausen",
    "invite": "Maximiliana Wolfeschlegelsteinhausen invites you",
    "award": "Outstanding Community Ambassador of the Year",
}
_NOTHING = dict.fromkeys(
    ("subtitle", "points", "endorsement", "offer", "brand", "starts", "ends", "group", "rank"), ""
)


def _named(name: str, language: str) -> dict[str, str]:
    said = {"en": f"{name} invites you", "zh-hans": f"{name}邀请你"}
    return {"nickname": name, "invite": said[language]}


NORMAL: dict[str, Case] = {
    "en": Case("en", has_face=True),
    "zh-hans": Case("zh-hans", has_face=True),
}
DIFFICULT: dict[str, Case] = {
    "long": Case("zh-hans", _LONG),
    "words": Case("en", _WORDS),
    "empty": Case("zh-hans", {**_NOTHING, "offer": ORDINARY["zh-hans"]["offer"]}),
    "bare": Case("en", {**_NOTHING, "title": "Yoga", "nickname": "", "invite": ""}),
    "emoji": Case(
        "zh-hans", _named("🌸小鹿🦄 \U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", "zh-hans")
    ),
    "right-to-left": Case("en", _named("\u202eمحمد عبد الله\u200b", "en")),
}


@cache
def face() -> bytes:
    """A stand-in for a photograph: head and shoulders before a warm wall."""
    side = 512
    wall = Image.linear_gradient("L").resize((side, side))
    picture = Image.composite(
        Image.new("RGB", wall.size, "#e9a66f"), Image.new("RGB", wall.size, "#fbe6cf"), wall
    )
    draw = ImageDraw.Draw(picture)
    draw.ellipse((70, 340, 442, 720), fill="#2d5f6b")
    draw.rounded_rectangle((212, 290, 300, 400), 40, fill="#dba27d")
    draw.ellipse((148, 84, 364, 330), fill="#3b2a25")
    draw.ellipse((166, 128, 346, 344), fill="#eebd98")
    out = io.BytesIO()
    picture.resize((256, 256), Image.Resampling.LANCZOS).save(out, "JPEG", quality=88)
    return out.getvalue()
