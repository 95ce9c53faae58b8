"""Run as a program against a started product's data folder: makes a live campaign and prints how to reach it."""

from __future__ import annotations

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tenfold.settings")
django.setup()

from tenfold import flow  # noqa: E402 - Django has to be set up first
from tenfold.campaigns import actions as campaigns  # noqa: E402
from tenfold.codes.queries import address_of  # noqa: E402
from tenfold.posters import actions as posters  # noqa: E402
from tests import cast  # noqa: E402

TEXTS = {
    "en": {
        "title": "Read ten books with us",
        "subtitle": "Thirty days, fifteen minutes a day",
        "points": "A good book every week\nA guest every evening",
        "endorsement": "Southhill Library",
        "offer": "A free e-book for sharing",
    },
    "zh-hans": {
        "title": "一起读完10本书",
        "subtitle": "30 天，每天 15 分钟",
        "points": "每周一本好书\n每晚嘉宾分享",
        "endorsement": "南山图书馆",
        "offer": "转发即得电子书一本",
    },
}


def main(platform: str) -> None:
    stage = cast.draft(
        owner=cast.workspace(f"{platform}@example.com"), reward_kind="codes", platform=platform
    )
    for language, texts in TEXTS.items():
        posters.change_text(campaign=stage.campaign, language=language, operator=stage.owner, **texts)
    # Nobody takes a verdict back here, so that it may take effect at once.
    campaigns.change_plan(campaign=stage.campaign, operator=stage.owner, undo_seconds=0)
    flow.launched(campaign=stage.campaign, operator=stage.owner)
    reach = {
        "email": stage.owner.email,
        "password": cast.PASSWORD,
        "campaign": str(stage.campaign.id),
        "group": str(stage.group.id),
        "scan": address_of(stage.code),
    }
    print(json.dumps(reach))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
