"""Apps whose pictures are as wide as the screen: Instagram, Xiaohongshu, Facebook and LinkedIn."""

from __future__ import annotations

from PIL import Image, ImageFilter

from perf.looks import words
from perf.looks.frames import (
    GREYS,
    LONG,
    STATUS,
    Bars,
    Colours,
    Laid,
    Post,
    Shown,
    colours,
    fitted,
    scrolled,
    status_bar,
    stranger,
    tabs,
    title_bar,
)
from perf.looks.ink import Canvas, Quad

GREEN = (40, 170, 80)


def _wide(canvas: Canvas, post: Post, y: float, tallest: float) -> tuple[Quad, float]:
    """From edge to edge; of a taller poster all is shown, and what is left free at its sides is filled."""
    wide, tall = fitted(post.shape, 360, tallest)
    if wide < 359:
        if post.dice.random() < 0.5:
            small = post.poster.resize((90, 90)).filter(ImageFilter.GaussianBlur(9))
            canvas.picture(small, 0, y, 360, tall)
        else:
            grey = post.dice.choice((0, 20, 245, 255))
            canvas.picture(Image.new("RGB", (8, 8), (grey,) * 3), 0, y, 360, tall)
    return canvas.picture(post.poster, (360 - wide) / 2, y, wide, tall), y + tall


def instagram(post: Post) -> Shown:
    """The age at the foot. Who may see a post is drawn of close friends' alone: an open one does not tell."""
    palette, phone, dice = colours(post.phone), post.phone, post.dice
    sheet, is_chinese = Canvas(phone, LONG * phone.tall, palette.ground), phone.is_chinese
    first = 6.0
    sheet.picture(post.face, 10, first + 4, 34, 34, 17)
    sheet.text(54, first + 21, post.name, 13.5, palette.ink, bold=True)
    x = 326.0
    if not post.is_open:
        said = "密友" if is_chinese else "Close Friends"
        sheet.icon("starred", x - 26, first + 21, 20, GREEN, "audience")
        sheet.text(x - 34, first + 21, said, 11, GREEN, bold=True, anchor="r", called="audience")
    sheet.icon("dots", x, first + 21, 18, palette.ink)
    quad, y = _wide(sheet, post, first + 46, 450)
    y += 22
    sheet.icons(("heart", "bubble", "share"), 12, y, 22, palette.ink, 38)
    sheet.icon("star", 326, y, 22, palette.ink)
    y += 26
    likes = f"{dice.randrange(2, 900)} 次赞" if is_chinese else f"{dice.randrange(2, 900)} likes"
    sheet.text(12, y, likes, 13, palette.ink, bold=True)
    y = sheet.lines(12, y + 10, f"{post.name} {post.caption}", 13, palette.ink, 336)
    age = post.age()
    sheet.text(12, y + 10, age, 11, palette.faint, called="age")
    telling = (y, y + 20) if post.is_open else (first, first + 42)
    laid = Laid(quad, first, y + 20, telling)
    name, face = stranger(dice, is_chinese)
    sheet.picture(face, 10, y + 34, 34, 34, 17)
    sheet.text(54, y + 51, name, 13.5, palette.ink, bold=True)
    below = tabs(("home", "search", "plus", "heart", "person"), (), palette)
    title = "帖子" if is_chinese else dice.choice(("Posts", "Instagram"))
    bars = Bars(
        STATUS + 42, 46, lambda bar: title_bar(bar, post, title, palette, STATUS + 42, "back", ""), below
    )
    image, quad, is_out, marks = scrolled(sheet, laid, bars, palette, dice)
    return Shown(
        image,
        quad,
        "feed",
        post.privacy_in(not is_out),
        "audience" if post.is_open or is_out else "",
        age,
        marks,
    )


def xiaohongshu(post: Post) -> Shown:
    """A note by itself: its author in the bar above, title and age below the picture."""
    palette, phone, dice = colours(post.phone), post.phone, post.dice
    sheet, is_chinese = Canvas(phone, LONG * phone.tall, palette.ground), phone.is_chinese
    quad, y = _wide(sheet, post, 0, 470)
    for nth in range(3):
        sheet.box(
            168 + 10 * nth, y + 8, 173 + 10 * nth, y + 13, (235, 50, 80) if nth == 0 else palette.line, 2.5
        )
    y = sheet.lines(14, y + 20, dice.choice(words.CHATTER[is_chinese]), 17, palette.ink, 330, bold=True)
    y = sheet.lines(14, y + 2, post.caption, 15, palette.ink, 330) + 4
    age = post.age()
    edited = ("编辑于 " if is_chinese else "Edited ") if dice.random() < 0.2 else ""
    is_said = not post.is_open or dice.random() < 0.5
    open_, mine = ("公开可见", "仅自己可见") if is_chinese else ("Public", "Only me")
    said = {"open": open_, "self": mine, "some": "仅互关好友可见" if is_chinese else "Close friends"}[
        post.audience
    ]
    end = sheet.text(14, y + 10, edited + age, 12, palette.faint, called="age")
    if dice.random() < 0.5:
        end = sheet.text(end + 8, y + 10, dice.choice(words.PLACES[is_chinese]), 12, palette.faint)
    if is_said:
        if not post.is_open and dice.random() < 0.6:
            end = sheet.icon("lock", end + 10, y + 10, 12, palette.faint, "audience") - 6
        sheet.text(end + 10, y + 10, said, 12, palette.faint, called="audience")
    laid = Laid(quad, 0, y + 22, (y, y + 20))
    _comments(sheet, post, y + 40, palette)

    def above(bar: Canvas) -> None:
        status_bar(bar, dice, palette.ink)
        bar.icon("back", 12, STATUS + 23, 18, palette.ink)
        bar.picture(post.face, 42, STATUS + 7, 32, 32, 16)
        bar.text(82, STATUS + 23, post.name, 14, palette.ink)
        bar.icon("share", 328, STATUS + 23, 18, palette.ink)

    def below(bar: Canvas) -> None:
        bar.box(12, 10, 160, 40, palette.line, 15)
        bar.text(28, 25, "说点什么..." if is_chinese else "Say something", 12.5, palette.faint)
        for nth, sign in enumerate(("heart", "star", "bubble")):
            bar.icon(sign, 180 + 60 * nth, 25, 20, palette.ink)
            bar.text(203 + 60 * nth, 25, str(dice.randrange(1, 99)), 11, palette.ink)

    image, quad, is_out, marks = scrolled(sheet, laid, Bars(STATUS + 46, 50, above, below), palette, dice)
    untold = "age" if is_out else "" if is_said else "audience"
    return Shown(image, quad, "detail", post.privacy_in(not is_out), untold, age, marks)


def _comments(canvas: Canvas, post: Post, y: float, palette: Colours) -> None:
    is_chinese, count = canvas.phone.is_chinese, post.dice.randrange(1, 9)
    canvas.box(14, y - 12, 346, y - 11.3, palette.line)
    canvas.text(14, y, f"共 {count} 条评论" if is_chinese else f"{count} comments", 12.5, palette.ink)
    for nth in range(3):
        name, face = stranger(post.dice, is_chinese)
        canvas.picture(face, 14, y + 18, 28, 28, 14)
        canvas.text(52, y + 24, name, 12, palette.faint)
        said = post.dice.choice(words.REPLIES[is_chinese])
        canvas.text(52, y + 42, post.comment if nth == 0 and post.comment else said, 13.5, palette.ink)
        y += 52


def _audience_sign(
    canvas: Canvas, post: Post, x: float, y: float, palette: Colours, is_in_words: bool
) -> None:
    if is_in_words:
        names = {"open": ("公开", "Public"), "self": ("仅自己", "Only me"), "some": ("好友", "Friends")}[
            post.audience
        ]
        said = names[0] if canvas.phone.is_chinese else names[1]
        canvas.text(x, y, said, 11.5, palette.faint, called="audience")
        return
    sign = {"open": "globe", "self": "lock", "some": "heads"}[post.audience]
    canvas.icon(sign, x, y, 12 * canvas.phone.size, palette.faint, "audience")


def _card(
    post: Post, *, face: float, under: str, names: tuple[str, ...], signs: tuple[str, ...], title: str
) -> Shown:
    """Name, maybe a line of who they are, age and audience above; buttons with their names below."""
    palette, phone, dice = colours(post.phone, GREYS), post.phone, post.dice
    sheet, is_chinese = Canvas(phone, LONG * phone.tall, palette.ground), phone.is_chinese
    first = 8.0
    sheet.box(0, first, 360, LONG * phone.tall, palette.card)
    sheet.picture(post.face, 12, first + 10, 44, 44, face)
    sheet.text(66, first + 19, post.name, 14.5, palette.ink, bold=True)
    y = first + 38
    if under:
        sheet.text(66, y - 2, under, 11.5, palette.faint)
        y += 15
    age = post.age(dice.choice(("short", "short", "stamp")))
    end = sheet.text(66, y, f"{age} · ", 11.5, palette.faint, called="age")
    _audience_sign(sheet, post, end + 1, y, palette, dice.random() < 0.3)
    sheet.icon("dots", 332, first + 20, 16, palette.faint)
    telling = (first, y + 9)
    y = sheet.lines(12, first + 62 + (8 if under else 0), post.caption, 14.5, palette.ink, 336) + 6
    quad, y = _wide(sheet, post, y, 440)
    sheet.icon("thumb", 14, y + 17, 14, palette.link)
    sheet.text(34, y + 17, f"{post.name} +{dice.randrange(2, 80)}", 12, palette.faint)
    sheet.box(12, y + 33, 348, y + 33.7, palette.line)
    for nth, (sign, name) in enumerate(zip(signs, names, strict=True)):
        left = 360 * nth / len(names) + 14
        sheet.icon(sign, left, y + 52, 16, palette.faint)
        sheet.text(left + 20, y + 52, name, 12 if len(names) < 4 else 10, palette.faint)
    laid = Laid(quad, first, y + 70, telling)
    sheet.box(0, y + 72, 360, y + 80, palette.ground)
    other, other_face = stranger(dice, is_chinese)
    sheet.picture(other_face, 12, y + 92, 44, 44, face)
    sheet.text(66, y + 101, other, 14.5, palette.ink, bold=True)
    sheet.text(66, y + 120, words.age(dice, is_chinese, "short"), 11.5, palette.faint)
    below = tabs(("home", "search", "plus", "bubble", "person"), (), palette)
    bars = Bars(
        STATUS + 44, 44, lambda bar: title_bar(bar, post, title, palette, STATUS + 44, "", "search"), below
    )
    image, quad, is_out, marks = scrolled(sheet, laid, bars, palette, dice)
    return Shown(image, quad, "feed", post.privacy_in(not is_out), "age" if is_out else "", age, marks)


def facebook(post: Post) -> Shown:
    names = ("赞", "评论", "分享") if post.phone.is_chinese else ("Like", "Comment", "Share")
    return _card(post, face=22, under="", names=names, signs=("thumb", "bubble", "share"), title="facebook")


def linkedin(post: Post) -> Shown:
    is_chinese = post.phone.is_chinese
    names = ("赞", "评论", "转发", "发送") if is_chinese else ("Like", "Comment", "Repost", "Send")
    trades = (
        ("数学老师 | 夜校", "产品设计")
        if is_chinese
        else ("Teacher at Evening School", "Designing useful things")
    )
    signs = ("thumb", "bubble", "share", "share")
    return _card(post, face=22, under=post.dice.choice(trades), names=names, signs=signs, title="Home")
