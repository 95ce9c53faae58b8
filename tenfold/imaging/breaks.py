"""Where a line may break: the rules of Unicode (UAX 14) as ICU has them for Chinese, for our fonts' characters."""

from __future__ import annotations

# The classes are Unicode's. What is not named here is a letter (AL) below U+2000 and an ideograph (ID) above.
_CHARACTERS = {
    "SP": " \t\n",
    "EX": "!?！？",
    "QU": "\"'«»‹›‘’\ue000\ue001\ue002\ue003",
    "PR": "$+\\£¤¥±₩₫€№−＄￡￥",
    "PO": "%¢°‰′″‵℃％￠",
    "OP": "([{¡¿‚„〈《「『【〔〖（［｛“",
    "CL": "}、。〉》」』】〕〗），．］｝”",
    "CP": ")]",
    "IS": ",.:;",
    "HY": "-",
    "SY": "/",
    "NU": "0123456789",
    "BA": "|­‐‒–‧　",
    "GL": "\u00a0‑",
    "BB": "´",
    "B2": "—",
    "IN": "‥…\ue004",
    "NS": "々゛゜ゝゞ゠・ヽヾ：；ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶー\u3099\u309a",
    "AL": (
        "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛"
        "―‖†‡•※™←↑→↓↔↕↖↗↘↙∈∋∏∑√∝∞∠∥∧∨∩∪∫∮∴∵∶∷∽≅≈≌≠≡≤≥≮≯⊙⊥⌒"
        "─━│┃┄┅┆┇┈┉┊┋┌┍┎┏┐┑┒┓└┕┖┗┘┙┚┛├┝┞┟┠┡┢┣┤┥┦┧┨┩┪┫┬┭┮┯┰┱┲┳┴┵┶┷┸┹┺┻┼┽┾┿╀╁╂╃╄╅╆╇╈╉╊╋"
        "■□▢▣▤▥▦▧▨▩▪▫▱▲△▶▷▼▽◀◁◆◇◉◊○◌◎●★☆♀♂♡♥♪♫✓"
    ),
}
_CLASSES = {character: name for name, characters in _CHARACTERS.items() for character in characters}
_ALL = (*_CHARACTERS, "ID")


def _pairs(*rules: tuple[str, str]) -> frozenset[tuple[str, str]]:
    """ "A B" on either side: any class of the left beside any of the right; "*" is every class."""
    sides = (
        (left.split() if left != "*" else _ALL, right.split() if right != "*" else _ALL)
        for left, right in rules
    )
    return frozenset((one, other) for left, right in sides for one in left for other in right)


_NO_HYPHEN = " ".join(name for name in _ALL if name not in {"SP", "BA", "HY"})
# Between these no line breaks, even with blanks between them ...
_ACROSS_BLANKS = _pairs(("OP", "*"), ("*", "CL CP EX IS SY"), ("QU", "OP"), ("CL CP", "NS"), ("B2", "B2"))
# ... and between these none where they touch.
_TOUCHING = _pairs(
    (_NO_HYPHEN, "GL"),
    ("*", "QU BA HY NS IN"),
    ("GL QU BB", "*"),
    ("AL NU", "AL NU PR PO OP"),
    ("PR", "ID AL NU"),
    ("ID", "PO"),
    ("PO", "AL NU"),
    ("CP", "AL NU"),
    ("HY", "NU"),
    ("IS", "NU AL"),
)
_WIDE_OPENING = frozenset("〈《「『【〔〖（［｛")


def units(text: str) -> list[str]:
    """The text in pieces between which lines may break; blanks stay at the end of the piece before them."""
    pieces: list[str] = []
    start = 0
    for at in range(1, len(text)):
        if _may_break(text, at):
            pieces.append(text[start:at])
            start = at
    return [*pieces, text[start:]] if text else pieces


def class_of(character: str) -> str:
    return _CLASSES.get(character) or ("AL" if character < "\u2000" else "ID")


def _may_break(text: str, at: int) -> bool:
    """Whether a line may end before the character at `at`, which is not the first."""
    after = class_of(text[at])
    if after == "SP":
        return False
    last = at - 1
    while last >= 0 and class_of(text[last]) == "SP":
        last -= 1
    if last < 0:
        return True
    before = class_of(text[last])
    if (before, after) in _ACROSS_BLANKS:
        return False
    if last < at - 1:
        return True
    if _is_one_word(text, at):
        return False
    return (text[at] in _WIDE_OPENING and before in {"AL", "NU"}) or (before, after) not in _TOUCHING


def _is_one_word(text: str, at: int) -> bool:
    """Whether more than the two characters at the place tells that they belong together."""
    before, after = class_of(text[at - 1]), class_of(text[at])
    earlier = class_of(text[at - 2]) if at > 1 else "SP"
    later = class_of(text[at + 1]) if at + 1 < len(text) else "SP"
    if text[at - 1] in "-‐" and after == "AL":
        return earlier in {"SP", "GL"}  # -v, but one may break: e-mail
    if after == "OP":
        return before in {"PR", "PO"} and later == "NU"
    if before in {"CL", "CP"}:
        return earlier == "NU" and after in {"PR", "PO"}
    return before == "SY" and after == earlier == "NU"  # 24/7, but one may break: and/or
