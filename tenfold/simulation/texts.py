"""What the demo's campaign says, written by hand in both languages."""

from __future__ import annotations

WORKSPACE = "拾页读书会 Ten Pages"
CAMPAIGN = "一起读完10本书 · Read Ten Books Together"
OWNER_NAME = "Demo 店长"
ROBOT_NAME = "审核助手 Robo"

PLAN = {
    "purpose": "三十天内让读书会从 40 人长到 300 人，每位新书友至少读完一本书。\n"
    "Grow the reading club from 40 to 300 people in thirty days; every newcomer finishes at least one book.",
    "audience": "25–40 岁、买了书却总读不完的上班族。\nPeople of 25 to 40 with more books bought than read.",
    "pain_point": "一个人读坚持不下去；想读却不知道从哪本开始。\n"
    "Alone it never lasts, and nobody says which book to begin with.",
    "process": "扫码进群 → 保存专属海报 → 转发朋友圈 → 发回截图 → 审核通过领取电子书兑换码。\n"
    "Scan, join, share the poster, send the screenshot, get an e-book code.",
    "board": "public",
    "board_names": "first",
    "channel_plan": "老书友朋友圈、公众号文末、线下书店台卡。\n"
    "Old members' Moments, our newsletter, cards in bookshops.",
}

POSTER = {
    "zh-hans": {
        "title": "一起读完10本书",
        "subtitle": "30 天共读计划，每天 15 分钟",
        "points": "每周一位领读人，陪你读完不弃坑\n精选 10 本好书，附导读与笔记模板\n同城书友群，读后一起聊",
        "endorsement": "已有 12 期、3000 多位书友读完全程",
        "offer": "转发海报，送价值 39 元电子书一本",
    },
    "en": {
        "title": "Read Ten Books Together",
        "subtitle": "Thirty days, fifteen minutes a day",
        "points": "A guide each week who keeps you going\nTen books worth it, with notes to follow\n"
        "A group to talk it over with",
        "endorsement": "12 rounds, 3,000 readers who finished",
        "offer": "Share this poster and get an e-book free",
    },
}

WORDS = {
    ("join", "zh-hans"): "欢迎 {nickname}！这里是{group}，很高兴和你一起读书 📚",
    ("join", "en"): "Welcome to {group}, {nickname}! {inviter} will be glad you came.",
    ("reward", "zh-hans"): "恭喜 {nickname} 领到【{reward}】🎉 {why}，在你的页面查看：{page_link}",
    ("reward", "en"): "{nickname} has earned {reward}: {why}. It is on your page: {page_link}",
    (
        "progress",
        "zh-hans",
    ): "{nickname}，{newcomer} 扫你的海报进群啦！有效邀请 {count} 位。{next}\n{page_link}",
    (
        "progress",
        "en",
    ): "{nickname}, {newcomer} came by your poster. Friends who count: {count}. {next}\n{page_link}",
    ("repeat", "zh-hans"): "{nickname}，你已经在群里啦，不用再扫。有效邀请 {count} 位。{next}",
    ("repeat", "en"): "{nickname}, you are in already. Friends who count: {count}. {next}",
    ("full", "zh-hans"): "读书群暂时满了，你排在第 {count} 位。先选好想读的第一本书吧～",
    (
        "full",
        "en",
    ): "All reading groups are full; you are number {count} in line. Time to pick your first book.",
    (
        "end",
        "zh-hans",
    ): "「{campaign}」圆满结束，共有 {count} 位书友参与，谢谢大家！奖励都在个人页面：{page_link}",
    (
        "end",
        "en",
    ): "“{campaign}” is over, and {count} readers took part. Thank you! Rewards stay on your page: {page_link}",
}

# What a screenshot has to show. The machine only looks on at first: the owner sees how it does, and switches it on.
REVIEW = {"oldest_hours": 48, "needs_everyone": True, "opened_by": 3, "second_percent": 5}

REWARD = "电子书兑换码 E-book code"
# What friends bring, and what is for the first on the leaderboard and drawn by lot at the end.
NOTES = "读书笔记模板 Reading notes"
BOX = "书签礼盒 Box of bookmarks"
COACH = "一对一陪读 A month with a reading coach"
TRIP = "书店一日游 A day in the book town"
LAMP = "阅读灯 A reading lamp"
WELCOME = "新人见面积分 Welcome points"
CHANNELS = (
    ("老书友朋友圈 Old members", "seed"),
    ("领读人阿紫 KOL Azi", "kol"),
    ("街角书店台卡 Corner bookshop", "partner"),
)
WEB_GROUPS = ("共读1群 Readers 1", "共读2群 Readers 2", "共读3群 Readers 3", "共读4群 Readers 4")
WECHAT_GROUP = "微信共读群 WeChat readers"
