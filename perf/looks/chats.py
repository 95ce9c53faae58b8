"""Chats as in Telegram and WhatsApp, and a picture opened by itself."""

from __future__ import annotations

from random import Random

from perf.looks import words
from perf.looks.frames import DARK, LIGHT, STATUS, Colours, Post, Shown, colours, fitted, status_bar, stranger
from perf.looks.ink import Canvas, Colour, Phone, Quad

FOOT = 54.0


def _wallpaper(phone: Phone, dice: Random, tint: Colour) -> Canvas:
    """A plain ground, or faint drawings all over."""
    canvas = Canvas(phone, phone.tall, tint)
    if dice.random() < 0.6:
        paler = tuple(max(0, value - 9) if not phone.is_dark else value + 9 for value in tint)
        signs = ("heart", "star", "globe", "camera", "smile", "thumb")
        for nth in range(90):
            x, y = nth % 9 * 42 + dice.uniform(0, 18), nth // 9 * 84 + dice.uniform(0, 50)
            canvas.icon(dice.choice(signs), x, y, dice.uniform(14, 22), (paler[0], paler[1], paler[2]))
    return canvas


def _heading(canvas: Canvas, post: Post, palette: Colours, ground: Colour) -> None:
    dice, is_chinese = post.dice, canvas.phone.is_chinese
    canvas.box(0, 0, 360, STATUS + 50, ground)
    status_bar(canvas, dice, palette.ink)
    middle = STATUS + 25
    canvas.icon("back", 10, middle, 18, palette.ink)
    canvas.picture(stranger(dice, is_chinese)[1], 38, middle - 18, 36, 36, 18)
    canvas.text(84, middle - 8, dice.choice(words.CLUBS[is_chinese]), 15, palette.ink, bold=True)
    count = dice.randrange(8, 480)
    canvas.text(84, middle + 11, f"{count} 位成员" if is_chinese else f"{count} members", 11, palette.faint)
    canvas.icon("dots", 330, middle, 17, palette.ink)


def _said(canvas: Canvas, post: Post, y: float, palette: Colours, bubble: Colour) -> float:
    """What somebody else wrote, at the left."""
    dice, is_chinese = post.dice, canvas.phone.is_chinese
    name, face = stranger(dice, is_chinese)
    reply = dice.choice(words.REPLIES[is_chinese])
    wide = max(canvas.long(reply, 14), canvas.long(name, 12, bold=True)) + 60
    canvas.picture(face, 8, y + 14, 32, 32, 16)
    canvas.box(46, y, 46 + wide, y + 48, bubble, 12)
    colour = dice.choice(((200, 80, 60), (60, 130, 190), (70, 150, 90)))
    canvas.text(57, y + 14, name, 12, colour, bold=True)
    canvas.text(57, y + 33, reply, 14, palette.ink)
    canvas.text(38 + wide, y + 37, words.clock(dice), 10, palette.faint, anchor="r")
    return y + 58


def _typing(canvas: Canvas, palette: Colours, ground: Colour) -> None:
    tall, is_chinese = canvas.phone.tall, canvas.phone.is_chinese
    canvas.box(0, tall - FOOT, 360, tall, ground)
    canvas.icon("smile", 12, tall - FOOT / 2, 22, palette.faint)
    canvas.text(46, tall - FOOT / 2, "输入消息" if is_chinese else "Message", 14, palette.faint)
    canvas.icon("plus", 322, tall - FOOT / 2, 22, palette.faint)


def _mine(
    canvas: Canvas, post: Post, y: float, palette: Colours, bubble: Colour, wide: float, is_over: bool
) -> tuple[Quad, float]:
    """What the sender sent, at the right: the picture in its bubble; the time below, or upon it."""
    dice, edge = post.dice, 3.0
    wide, tall = fitted(post.shape, wide, 0.62 * canvas.phone.tall)
    left, note = 350 - wide - 2 * edge, 0.0 if is_over else 22.0
    lines = post.caption if not is_over else ""
    below = canvas.lines(-900, 0, lines, 14, palette.ink, wide - 10) if lines else 0.0
    canvas.box(left, y, 350, y + tall + 2 * edge + below + note, bubble, 10)
    quad = canvas.picture(post.poster, left + edge, y + edge, wide, tall, 8)
    end = y + tall + edge
    if lines:
        end = canvas.lines(left + 9, end + 2, lines, 14, palette.ink, wide - 10)
    time, middle = words.clock(dice), end + 10 if not is_over else end - 12
    colour = (90, 160, 90) if not is_over else (255, 255, 255)
    if is_over:
        canvas.box(282, middle - 9, 344, middle + 9, (70, 70, 74), 9)
    stop = canvas.text(322, middle, time, 10.5, colour, anchor="r")
    canvas.icon("ticks", stop + 3, middle, 14, (60, 160, 230) if dice.random() < 0.5 else colour)
    return quad, end + note + 12


def _chat(
    post: Post, tints: tuple[Colour, Colour], bubbles: tuple[Colour, Colour], wide: float, is_over: bool
) -> Shown:
    """`tints` are the wall by day and by night, `bubbles` one's own."""
    phone, dice = post.phone, post.dice
    palette, is_dark = colours(phone), phone.is_dark
    canvas = _wallpaper(phone, dice, tints[is_dark])
    theirs = (38, 40, 44) if is_dark else (255, 255, 255)
    y = STATUS + 60.0
    _, tall = fitted(post.shape, wide, 0.62 * phone.tall)
    spare = phone.tall - FOOT - y - tall - 110
    for _nth in range(dice.randrange(0, 3)):
        if spare > 60:
            y, spare = _said(canvas, post, y, palette, theirs), spare - 58
    quad, y = _mine(canvas, post, y, palette, bubbles[is_dark], wide, is_over)
    while y < phone.tall - FOOT - 60 and dice.random() < 0.6:
        y = _said(canvas, post, y, palette, theirs)
    _heading(canvas, post, palette, theirs)
    _typing(canvas, palette, theirs)
    return Shown(canvas.image, quad, "chat")


def telegram(post: Post) -> Shown:
    tints: tuple[Colour, Colour] = post.dice.choice(
        (((205, 220, 190), (16, 24, 32)), ((214, 224, 236), (22, 22, 26)))
    )
    wide = post.dice.uniform(170, 235)
    return _chat(post, tints, ((225, 254, 200), (44, 82, 120)), wide, post.dice.random() < 0.4)


def whatsapp(post: Post) -> Shown:
    tints: tuple[Colour, Colour] = ((236, 229, 221), (11, 20, 26))
    wide = post.dice.uniform(200, 262)
    return _chat(post, tints, ((217, 253, 211), (0, 92, 75)), wide, post.dice.random() < 0.6)


def viewer(post: Post) -> Shown:
    """The picture alone on black, with what was written to it below and a few signs."""
    phone, dice = post.phone, post.dice
    ground: Colour = (0, 0, 0) if phone.is_dark or dice.random() < 0.7 else (255, 255, 255)
    palette = DARK if ground == (0, 0, 0) else LIGHT
    canvas = Canvas(phone, phone.tall, ground)
    wide, tall = fitted(post.shape, 360, phone.tall - 110)
    top = max(56.0, (phone.tall - tall) / 2 - dice.uniform(0, 10))
    quad = canvas.picture(post.poster, (360 - wide) / 2, top, wide, tall)
    status_bar(canvas, dice, palette.ink)
    canvas.icon("back", 12, STATUS + 15, 16, palette.ink)
    if dice.random() < 0.5:
        canvas.text(180, STATUS + 15, f"1/{dice.randrange(1, 10)}", 13, palette.ink, anchor="m")
    foot = phone.tall - 24
    if foot - 22 > top + tall:
        canvas.icons(("heart", "bubble", "share"), 14, foot, 18, palette.ink, 44)
    room = foot - 24 - top - tall
    if room > 30 and post.caption:
        canvas.lines(14, top + tall + 8, post.caption[:22], 13, palette.ink, 330)
    return Shown(canvas.image, quad, "fullscreen")
