"""One member must not drown the others."""

from __future__ import annotations

import pytest

from tenfold import flow
from tenfold.base.refusal import Refusal
from tenfold.platforms.web.actions import MOST_POSTS_A_MINUTE
from tenfold.platforms.web.models import Post
from tests import cast
from tests.conftest import FrozenClock

pytestmark = pytest.mark.django_db


def test_a_member_posts_so_much_a_minute_and_not_more_and_the_others_go_on(frozen: FrozenClock) -> None:
    stage = cast.live()
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    for number in range(MOST_POSTS_A_MINUTE):
        flow.posted(journey=mia, text=f"No. {number}", picture=None, key=str(number))
    with pytest.raises(Refusal) as refused:
        flow.posted(journey=mia, text="One more", picture=None, key="more")
    assert (refused.value.code, refused.value.status) == ("too_fast", 429)
    # The same post sent again is no new one, and others are not kept waiting.
    assert flow.posted(journey=mia, text="No. 0", picture=None, key="0").text == "No. 0"
    flow.posted(journey=ben, text="Hello", picture=None, key="0")
    frozen.advance(seconds=61)
    flow.posted(journey=mia, text="One more", picture=None, key="more")
    assert Post.objects.filter(kind="text").count() == MOST_POSTS_A_MINUTE + 2
