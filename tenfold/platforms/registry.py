"""The platforms there are, and the ways in which other systems sign what they send us."""

from __future__ import annotations

from tenfold.platforms.contract import HookScheme, Platform
from tenfold.platforms.standard_webhooks import StandardWebhooks
from tenfold.platforms.web.platform import WebPlatform
from tenfold.platforms.wechat_group.platform import WechatGroupPlatform

PLATFORMS: dict[str, Platform] = {"web": WebPlatform(), "wechat_group": WechatGroupPlatform()}
HOOK_SCHEMES: dict[str, HookScheme] = {"standard": StandardWebhooks()}
