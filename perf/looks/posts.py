"""Apps whose posts stand in a column: Moments in a feed and by itself, a company's Moments, and Weibo."""

from __future__ import annotations

from perf.looks import words
from perf.looks.arts import art_of
from perf.looks.frames import (
    LONG,
    STATUS,
    Bars,
    Colours,
    Laid,
    Post,
    Shown,
    colours,
    fitted,
    nothing,
    scrolled,
    stranger,
    tabs,
    title_bar,
)
from perf.looks.ink import Canvas, Quad

NARROW = 106.0
WAYS = {"self": ("仅自己可见", "私密"), "some": ("部分可见", "仅好友可见", "部分好友可见")}


def _grid(canvas: Canvas, post: Post, x: float, y: float, side: float) -> tuple[Quad, float]:
    """Squares out of the middle of several pictures, one of them the poster; its whole quad, and where they end."""
    count, poster = post.dice.choice((3, 4, 6, 9)), post.poster
    across, mine = 2 if count == 4 else 3, post.dice.randrange(count)
    cut = (poster.height - poster.width) // 2
    quad: Quad = ()
    for nth in range(count):
        left, top = x + nth % across * (side + 4), y + nth // across * (side + 4)
        if nth == mine:
            square = poster.crop((0, cut, poster.width, cut + poster.width))
            (x0, y0), (x1, _), (_, y2), _ = canvas.picture(square, left, top, side, side)
            beyond = cut * (x1 - x0) / poster.width
            quad = ((x0, y0 - beyond), (x1, y0 - beyond), (x1, y2 + beyond), (x0, y2 + beyond))
        else:
            other = art_of(
                post.dice.choice(("photograph", "gradient", "flat", "night")), 200, 200, post.dice
            )[0]
            canvas.picture(other, left, top, side, side)
    return quad, y + ((count - 1) // across + 1) * (side + 4)


def _picture(
    canvas: Canvas, post: Post, x: float, y: float, wide: float, tallest: float
) -> tuple[Quad, float]:
    """The poster in its own shape."""
    wide, tall = fitted(post.shape, wide, tallest)
    return canvas.picture(post.poster, x, y, wide, tall, post.dice.choice((0, 0, 3))), y + tall


def _mark(canvas: Canvas, post: Post, x: float, y: float, palette: Colours) -> float:
    """Behind the age, what restricts a post: a lock or two heads."""
    if post.is_open:
        return x
    sign = {"self": "lock", "some": "heads"}[post.audience]
    return canvas.icon(sign, x, y, 13 * canvas.phone.size, palette.faint, "audience") + 8


def _moments_post(canvas: Canvas, post: Post, y: float, palette: Colours, age: str, is_own: bool) -> Laid:
    phone, dice, first = canvas.phone, post.dice, y
    x = 62.0
    canvas.picture(post.face, 12, y, 40, 40, 4)
    canvas.text(x, y + 9, post.name, 15, palette.link, bold=True)
    y = canvas.lines(x, y + 22, post.caption, 15, palette.ink, 282) + 5 if post.caption else y + 27
    if post.is_grid:
        quad, y = _grid(canvas, post, x, y, dice.uniform(72, 88))
    else:
        wide = dice.uniform(100, 170)
        quad, y = _picture(canvas, post, x, y, min(wide, NARROW) if post.is_narrow else wide, 300)
    y += 16
    foot = y
    end = canvas.text(x, y, age, 12, palette.faint, called="age") + 8
    if is_own:
        end = _mark(canvas, post, end, y, palette) if not post.is_open else end
        canvas.text(end + 2, y, "删除" if phone.is_chinese else "Delete", 12, palette.link)
    canvas.box(322, y - 9, 348, y + 9, palette.line, 3)
    canvas.icon("dots", 328, y, 14, palette.link)
    y += 18
    if dice.random() < 0.5 or post.comment:
        y = _liked(canvas, post, y, palette, x)
    return Laid(quad, first, y, (foot - 10, foot + 10))


def _liked(canvas: Canvas, post: Post, y: float, palette: Colours, x: float) -> float:
    dice, is_chinese = post.dice, canvas.phone.is_chinese
    names = dice.sample(words.NAMES[is_chinese], 4)
    replies = dice.sample(words.REPLIES[is_chinese], dice.randrange(0, 3))
    replies = [post.comment, *replies] if post.comment else replies
    canvas.box(
        x, y, 348, y + 26 + 22 * len(replies), palette.line if canvas.phone.is_dark else (246, 246, 248), 3
    )
    canvas.icon("heart", x + 8, y + 13, 12, palette.link)
    canvas.text(x + 25, y + 13, ", ".join(names[: dice.randrange(1, 4)]), 12.5, palette.link)
    for nth, reply in enumerate(replies):
        middle = y + 35 + 22 * nth
        end = canvas.text(x + 8, middle, names[3 - nth], 12.5, palette.link, bold=True)
        canvas.text(end + 2, middle, f": {reply}", 12.5, palette.ink)
    return y + 30 + 22 * len(replies)


def _moments_neighbour(canvas: Canvas, post: Post, y: float, palette: Colours) -> float:
    """Somebody else's post: words, maybe a picture, its age."""
    dice, is_chinese = post.dice, canvas.phone.is_chinese
    name, face = stranger(dice, is_chinese)
    canvas.picture(face, 12, y, 40, 40, 4)
    canvas.text(62, y + 9, name, 15, palette.link, bold=True)
    y = canvas.lines(62, y + 22, dice.choice(words.CHATTER[is_chinese]), 15, palette.ink, 282)
    if dice.random() < 0.5:
        side = dice.uniform(90, 150)
        canvas.picture(art_of("photograph", 300, 300, dice)[0], 62, y + 4, side, side)
        y += side + 6
    canvas.text(62, y + 14, words.age(dice, is_chinese), 12, palette.faint)
    canvas.box(322, y + 5, 348, y + 23, palette.line, 3)
    canvas.icon("dots", 328, y + 14, 14, palette.link)
    return _divided(canvas, y + 34, palette)


def _divided(canvas: Canvas, y: float, palette: Colours) -> float:
    canvas.box(0, y, 360, y + 0.8, palette.line)
    return y + 14


def moments(post: Post) -> Shown:
    """A feed of friends' posts; the author alone sees the mark and the button to delete."""
    palette, phone, dice = colours(post.phone), post.phone, post.dice
    sheet = Canvas(phone, LONG * phone.tall, palette.ground)
    y = 14.0
    for _nth in range(dice.randrange(0, 3)):
        y = _moments_neighbour(sheet, post, y, palette)
    age = post.age()
    is_own = not post.is_open or dice.random() > 0.06
    laid = _moments_post(sheet, post, y, palette, age, is_own)
    y = _divided(sheet, laid.last + 8, palette)
    for _nth in range(4):
        y = _moments_neighbour(sheet, post, y, palette)
    title = "朋友圈" if phone.is_chinese else "Moments"
    bars = Bars(
        STATUS + 44,
        0,
        lambda bar: title_bar(bar, post, title, palette, STATUS + 44, "back", "camera"),
        nothing,
    )
    image, quad, is_out, marks = scrolled(sheet, laid, bars, palette, dice)
    untold = "age" if is_out else "" if is_own else "audience"
    return Shown(
        image, quad, "grid" if post.is_grid else "feed", post.privacy_in(not is_out), untold, age, marks
    )


def moments_detail(post: Post) -> Shown:
    """The same post by itself, with a line to comment below."""
    palette, phone, dice = colours(post.phone), post.phone, post.dice
    sheet = Canvas(phone, LONG * phone.tall, palette.ground)
    age = post.age(dice.choice(("long", "long", "stamp")))
    laid = _moments_post(sheet, post, 14, palette, age, True)
    title = "详情" if phone.is_chinese else "Details"

    def reply(bar: Canvas) -> None:
        bar.box(12, 8, 300, 38, palette.line, 5)
        bar.text(22, 23, "评论" if phone.is_chinese else "Comment", 13, palette.faint)
        bar.icon("smile", 316, 23, 22, palette.ink)

    bars = Bars(
        STATUS + 44, 48, lambda bar: title_bar(bar, post, title, palette, STATUS + 44, "back", ""), reply
    )
    image, quad, is_out, marks = scrolled(sheet, laid, bars, palette, dice)
    return Shown(image, quad, "detail", post.privacy_in(not is_out), "age" if is_out else "", age, marks)


def company(post: Post) -> Shown:
    """A company's Moments: the firm behind the name, the audience in words."""
    palette, phone, dice = colours(post.phone), post.phone, post.dice
    sheet = Canvas(phone, LONG * phone.tall, palette.ground)
    y = _moments_neighbour(sheet, post, 12, palette) if dice.random() < 0.5 else 12.0
    first, is_chinese = y, phone.is_chinese
    sheet.picture(post.face, 14, y, 42, 42, 6)
    end = sheet.text(66, y + 10, post.name, 15, palette.ink, bold=True)
    sheet.text(end + 6, y + 10, "@晨光教育" if is_chinese else "@Northlight", 12, (216, 140, 40))
    y = sheet.lines(66, y + 24, post.caption, 14.5, palette.ink, 276) + 6
    wide = dice.uniform(135, 200)
    quad, y = _picture(sheet, post, 66, y, min(wide, NARROW) if post.is_narrow else wide, 320)
    y += 16
    age = post.age()
    said = "公开" if is_chinese else "Public"
    if not post.is_open:
        english = {"self": "Only me", "some": "Visible to some friends"}[post.audience]
        said = dice.choice(WAYS[post.audience]) if is_chinese else english
    end = sheet.text(66, y, age, 12, palette.faint, called="age")
    end = sheet.text(end + 10, y, said, 12, palette.faint, called="audience")
    if dice.random() < 0.6:
        sheet.text(end + 12, y, "删除" if is_chinese else "Delete", 12, palette.link)
    laid = Laid(quad, first, y + 14, (y - 10, y + 10))
    y = _divided(sheet, y + 20, palette)
    for _nth in range(3):
        y = _moments_neighbour(sheet, post, y, palette)
    title = "客户朋友圈" if is_chinese else "Customer Moments"
    bars = Bars(
        STATUS + 46, 0, lambda bar: title_bar(bar, post, title, palette, STATUS + 46, "back", "plus"), nothing
    )
    image, quad, is_out, marks = scrolled(sheet, laid, bars, palette, dice)
    return Shown(image, quad, "feed", post.privacy_in(not is_out), "age" if is_out else "", age, marks)


def _weibo_heading(
    canvas: Canvas, post: Post, y: float, palette: Colours, age: str, said: str, *, is_mine: bool
) -> None:
    canvas.picture(post.face, 12, y, 40, 40, 20)
    canvas.text(62, y + 10, post.name, 15, (220, 110, 40), bold=True)
    device = post.dice.choice(words.DEVICES)
    source = f"来自 {device}" if canvas.phone.is_chinese else f"via {device}"
    if is_mine:
        canvas.note("age", 62, y + 31, 62 + canvas.long(age, 11.5), 7)
    end = canvas.text(62, y + 31, f"{age}  {source}", 11.5, palette.faint)
    if said:
        canvas.text(end + 8, y + 31, said, 11.5, palette.faint, called="audience" if is_mine else "")
    canvas.icon("dots", 334, y + 12, 14, palette.faint)


def weibo(post: Post) -> Shown:
    """Cards: age and device under the name, three buttons below."""
    palette, phone, dice = colours(post.phone), post.phone, post.dice
    sheet, is_chinese = Canvas(phone, LONG * phone.tall, palette.line), phone.is_chinese
    age = post.age(dice.choice(("long", "stamp")))
    is_said = not post.is_open or dice.random() < 0.75
    open_, mine = ("公开", "仅自己可见") if is_chinese else ("Public", "Only me")
    said = {"open": open_, "self": mine, "some": "好友圈可见" if is_chinese else "Friends only"}[
        post.audience
    ]
    y = first = 8.0
    sheet.box(0, 0, 360, LONG * phone.tall, palette.card)
    _weibo_heading(sheet, post, y + 10, palette, age, said if is_said else "", is_mine=True)
    y = sheet.lines(12, y + 60, f"{words.TOPICS[is_chinese]} {post.caption}", 15, palette.ink, 336) + 6
    if post.is_grid:
        quad, y = _grid(sheet, post, 12, y, 109)
    else:
        quad, y = _picture(sheet, post, 12, y, dice.choice((120, 150, 190, 230, 336)), 400)
    y += 22
    for nth, sign in enumerate(("share", "bubble", "heart")):
        sheet.icon(sign, 50 + 110 * nth, y, 16, palette.faint)
        sheet.text(72 + 110 * nth, y, str(dice.randrange(1, 400)), 12, palette.faint)
    laid = Laid(quad, first, y + 14, (first + 6, first + 60))
    y += 22
    for _nth in range(2):
        sheet.box(0, y, 360, y + 8, palette.line)
        name, _face = stranger(dice, is_chinese)
        other = Post(post.poster, name, _face, "", "open", False, dice, phone)
        _weibo_heading(sheet, other, y + 20, palette, words.age(dice, is_chinese), "", is_mine=False)
        y = sheet.lines(12, y + 70, dice.choice(words.CHATTER[is_chinese]), 15, palette.ink, 336) + 30
    names = (
        ("首页", "视频", "发现", "消息", "我") if is_chinese else ("Home", "Video", "Discover", "Inbox", "Me")
    )
    below = tabs(("home", "camera", "search", "bubble", "person"), names, palette)
    title = "我的微博" if is_chinese else "Weibo"
    bars = Bars(
        STATUS + 42, 50, lambda bar: title_bar(bar, post, title, palette, STATUS + 42, "", "search"), below
    )
    image, quad, is_out, marks = scrolled(sheet, laid, bars, palette, dice)
    untold = "age" if is_out else "" if is_said else "audience"
    return Shown(
        image, quad, "grid" if post.is_grid else "feed", post.privacy_in(not is_out), untold, age, marks
    )
