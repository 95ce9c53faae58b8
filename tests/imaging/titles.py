"""Titles as operators write them, Chinese, English and mixed, and where ICU would break them.

`icu_breaks.txt` holds, for each of `titles(SEED, COUNT)`, the places where ICU 72 (locale zh) allows a break, as a
hexadecimal number: bit n stands for a break before character n. It is written by `python -m tests.imaging.titles`
where PyICU is installed.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

SEED, COUNT = 20261122, 2000
FILE = Path(__file__).parent / "icu_breaks.txt"

_CHINESE = """
一百天 读完 十本好书 社群 裂变 免费领取 限时 好友 邀请 打卡 训练营 名师 直播课 早起 亲子 阅读 写作 理财
健身 減脂 英语口语 入门 到精通 三天 七夕 特惠 送 电子书 抢先体验 加入我们 一起 成长 只要 不止 每日 领读
小组 督促 结业 证书 奖学金 前五百名 扫码 入群 老师 推荐 零基础 也能 学会 职场 沟通 时间管理 思维导图
春季 新品 首发 买一送一 抽奖 名额 有限 倒计时 公益 读书会 列夫·托尔斯泰 #读书打卡#
""".split()  # noqa: SIM905 - a list of so many words reads badly
_ENGLISH = """
Read ten good books in a hundred days with your friends and never quit again Join free today Learn
Python for everyone the community challenge starts now limited seats bring two get one e-book don't
miss state-of-the-art self-study it's weekend workshop and/or certificate growth hacking CEO's PhD
iPhone GitHub ChatGPT WeChat OK VIP AI+ DIY Q&A A/B v2.1 3D
""".split()  # noqa: SIM905 - a list of so many words reads badly
_NUMBERS = """
100 3 7 21 2026 10,000 99.9 1/3 24/7 50% 99.9% ￥9.9 ¥199 $20 3.0 10:30 8-10 5000+ 12.5 20℃ No.1
TOP10 1v1 7×24
""".split()  # noqa: SIM905 - a list of so many words reads badly
_PAIRS = ["“”", "《》", "（）", "「」", "【】", "()", "‘’", "[]"]
_INNER = ["，"] * 8 + ["、"] * 4 + ["：", "：", "；", "！", "——", "……", " | ", "-", "+", "/", "～", "—"]
_FINAL = ["！", "。", "？", "……", "", "", "！！", "~"]
_EMOJI = "🎉📚🔥✨👍"


def titles(seed: int, count: int) -> list[str]:
    chance = random.Random(seed)
    kinds: list[Callable[[random.Random], str]] = [_chinese, _chinese, _english, _mixed, _mixed]
    return [kinds[number % len(kinds)](chance) for number in range(count)]


def _chinese(chance: random.Random) -> str:
    parts = [_marked(chance, chance.choice(_CHINESE), 0.15) for _ in range(chance.randint(4, 10))]
    inner = [part + (chance.choice(_INNER) if chance.random() < 0.3 else "") for part in parts[:-1]]
    return "".join(inner) + parts[-1] + chance.choice(_FINAL)


def _english(chance: random.Random) -> str:
    words = [
        chance.choice(_ENGLISH if chance.random() < 0.85 else _NUMBERS) for _ in range(chance.randint(4, 11))
    ]
    marked = [word + (chance.choice(",;:") if chance.random() < 0.12 else "") for word in words]
    at = chance.randrange(len(marked))
    if chance.random() < 0.3:
        marked[at] = chance.choice(['"{}"', "({})", "“{}”"]).format(marked[at])
    if chance.random() < 0.15:
        marked.insert(at, chance.choice("—–-&"))
    return " ".join(marked) + chance.choice(["", "!", ".", "?", "…"])


def _mixed(chance: random.Random) -> str:
    title = ""
    for _ in range(chance.randint(4, 9)):
        part = _marked(chance, chance.choice(chance.choice([_CHINESE, _CHINESE, _ENGLISH, _NUMBERS])), 0.12)
        needs_blank = title[-1:].isascii() and part[0].isascii()
        title += (" " if title and (needs_blank or chance.random() < 0.2) else "") + part
        title += chance.choice(_INNER) if chance.random() < 0.2 else ""
    title = title.rstrip() + chance.choice(_FINAL)
    return title + chance.choice(_EMOJI) if chance.random() < 0.1 else title


def _marked(chance: random.Random, part: str, share: float) -> str:
    pair = chance.choice(_PAIRS)
    return pair[0] + part + pair[1] if chance.random() < share else part


def digest(found: list[str]) -> str:
    return hashlib.sha256("\n".join(found).encode()).hexdigest()


def breaks_of(pieces: list[str]) -> int:
    """The number that stands in the file, from a title in pieces."""
    at, number = 0, 0
    for piece in pieces[:-1]:
        at += len(piece)
        number |= 1 << at
    return number


def pieces_of(title: str, breaks: int) -> list[str]:
    places = [0, *(at for at in range(1, len(title)) if breaks >> at & 1), len(title)]
    return [title[start:end] for start, end in pairwise(places)]


def by_icu(title: str) -> list[str]:
    import icu  # type: ignore[import-not-found]

    iterator = icu.BreakIterator.createLineInstance(icu.Locale("zh"))
    # ICU counts in UTF-16; a stand-in for each emoji, of the same class, keeps the counts apart.
    iterator.setText("".join("☀" if character > "\uffff" else character for character in title))
    places = [0, *iterator]
    return [title[start:end] for start, end in pairwise(places)]


def main() -> None:
    found = titles(SEED, COUNT)
    numbers = [f"{breaks_of(by_icu(title)):x}" for title in found]
    FILE.write_text("\n".join([digest(found), *numbers]) + "\n")


if __name__ == "__main__":
    main()
