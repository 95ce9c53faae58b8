"""The words a new campaign starts with: a preset of group fission, written by hand for each language."""

from __future__ import annotations

from tenfold.accounts.models import Language
from tenfold.campaigns.models import Words

Moment = Words.Moment

GROUP_FISSION: dict[str, dict[str, str]] = {
    Language.EN: {
        Moment.JOIN: "Welcome to {group}, {nickname}! Good to have you here.",
        Moment.TASK: (
            "{nickname}, three steps to {reward}: 1. Save your own poster: {page_link} 2. Share it to your"
            " Moments or a group. 3. Send the screenshot here."
        ),
        Moment.REMIND: "{nickname}, your poster is still waiting: {page_link} One share, and {reward} is yours.",
        Moment.APPROVE: "{nickname}, your screenshot is approved. Thank you for sharing!",
        Moment.REJECT: "{nickname}, this screenshot does not count yet. {reason} Send a new one here or on {page_link}",
        Moment.REWARD: "{nickname} has earned {reward}! Collect it on your page: {page_link}",
        Moment.WARN: (
            "{nickname}, places here are scarce. If no screenshot comes within {hours} hours, your place goes to"
            " the next in line."
        ),
        Moment.REMOVE: "{nickname}'s place has gone to the next in line. You are welcome to scan the poster again.",
    },
    Language.ZH: {
        Moment.JOIN: "欢迎 {nickname} 加入{group}！很高兴认识你～",
        Moment.TASK: (
            "{nickname}，三步领取【{reward}】：\n① 打开 {page_link} 保存你的专属海报\n② 转发到朋友圈或微信群\n"
            "③ 把截图发到这里，审核通过即可领取"
        ),
        Moment.REMIND: (
            "{nickname}，就差一步啦：转发你的专属海报并发回截图，就能领到【{reward}】。海报在这里：{page_link}"
        ),
        Moment.APPROVE: "{nickname}，截图审核通过，谢谢你的分享！",
        Moment.REJECT: "{nickname}，这张截图暂时没通过：{reason}调整后重新发到这里，或在 {page_link} 提交即可。",
        Moment.REWARD: "恭喜 {nickname} 获得【{reward}】！到你的页面领取：{page_link}",
        Moment.WARN: "{nickname}，群内名额有限，{hours} 小时内还没有收到截图的话，名额将让给排队的朋友哦。",
        Moment.REMOVE: "{nickname} 的名额已让给排队的朋友。欢迎下次扫码再来！",
    },
}
