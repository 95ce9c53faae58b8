"""The platforms there are."""

from __future__ import annotations

from tenfold.platforms.contract import Platform
from tenfold.platforms.web.platform import WebPlatform
from tenfold.platforms.wechat_group.platform import WechatGroupPlatform

PLATFORMS: dict[str, Platform] = {"web": WebPlatform(), "wechat_group": WechatGroupPlatform()}
