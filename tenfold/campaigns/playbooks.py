"""The words a new campaign starts with: a preset of group fission, written by hand for each language.

They ask for the screenshot on the participant's page: that works on every platform, and in a group of personal WeChat
nothing that is posted reaches us. They promise nothing that the plan may not keep: no scarcity, no number of ours.
"""

from __future__ import annotations

from tenfold.accounts.models import Language
from tenfold.campaigns.models import Words

Moment = Words.Moment

GROUP_FISSION: dict[str, dict[str, str]] = {
    Language.EN: {
        Moment.JOIN: "Welcome to {group}, {nickname}! Good to have you here.",
        Moment.TASK: (
            "{nickname}, three steps to {reward}:\n1. Open {page_link} and save your own poster.\n"
            "2. Share it to your Moments or a group.\n3. Take a screenshot of that and"
            " send it on the same page. Once it is approved, the reward is yours."
        ),
        Moment.REMIND: (
            "{nickname}, we have no screenshot from you yet. Share your poster, send the screenshot on your page, and"
            " once it is approved you get {reward}: {page_link}"
        ),
        Moment.APPROVE: (
            "{nickname}, your screenshot is approved. Thank you for sharing! Everyone who joins with your poster is"
            " listed on {page_link}"
        ),
        Moment.REJECT: (
            "{nickname}, this screenshot does not count yet: {reason}\nSend a new one here: {page_link}"
        ),
        Moment.REWARD: "{nickname} has earned {reward}! Collect it here: {page_link}",
        Moment.WARN: (
            "{nickname}, we still have no screenshot from you. If none comes in the next {hours} h, you will be removed"
            " from {group} and your place becomes free for someone else. Send it here: {page_link} Stuck? Just ask,"
            " we are glad to help."
        ),
        Moment.REMOVE: (
            "{nickname} has been removed from {group}, and the place is free again. You are welcome back: scan the code"
            " on the poster."
        ),
    },
    Language.ZH: {
        Moment.JOIN: "欢迎 {nickname} 加入{group}，很高兴认识你～",
        Moment.TASK: (
            "{nickname}，三步领【{reward}】：\n① 打开 {page_link} 保存你的专属海报\n② 转发到朋友圈或微信群\n"
            "③ 截图，回到这个页面提交，审核通过就能领"
        ),
        Moment.REMIND: (
            "{nickname}，还没收到你的截图哦。转发专属海报，再到你的页面提交截图，审核通过就能领【{reward}】：\n"
            "{page_link}"
        ),
        Moment.APPROVE: ("{nickname}，截图审核通过，谢谢你的分享！你邀请的朋友都列在这里：\n{page_link}"),
        Moment.REJECT: ("{nickname}，这张截图还差一点：\n{reason}\n改好后在这里重新提交：\n{page_link}"),
        Moment.REWARD: "恭喜 {nickname} 获得【{reward}】！点这里领取：\n{page_link}",
        Moment.WARN: (
            "{nickname}，一直没收到你的截图。{hours} 小时内还没收到的话，你会被移出{group}，名额留给其他朋友。"
            "提交截图：\n{page_link}\n遇到问题就在群里说一声，我们来帮你。"
        ),
        Moment.REMOVE: "{nickname} 已移出{group}，名额已空出。想回来的话，重新扫海报上的码就好。",
    },
}
