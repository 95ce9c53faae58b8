"""What an operator does in a room of the built-in community."""

from __future__ import annotations

from tenfold.accounts.models import Operator
from tenfold.base.claim import step
from tenfold.groups.models import Group
from tenfold.journal.actions import write
from tenfold.journal.facts import Fact
from tenfold.people.models import Journey
from tenfold.platforms.web import actions as web_room
from tenfold.platforms.web.models import Post


@step
def post_hidden(*, post: Post, group: Group, operator: Operator) -> None:
    """Its text and picture are not shown to members any more. A screenshot in it is reviewed as before."""
    if web_room.hide(post=post):
        _note(Fact.POST_HIDDEN, post, group, operator)


@step
def post_shown(*, post: Post, group: Group, operator: Operator) -> None:
    """That was a mistake: it stands where it stood."""
    if web_room.show(post=post):
        _note(Fact.POST_SHOWN, post, group, operator)


def _note(fact: Fact, post: Post, group: Group, operator: Operator) -> None:
    """Whose and where, never what it says."""
    of_campaign = Journey.objects.filter(campaign_id=group.campaign_id)
    author = of_campaign.filter(person_id=post.author_id).first() if post.author_id else None
    write(
        fact,
        group,
        {"post": str(post.id)},
        campaign_id=group.campaign_id,
        group_id=group.id,
        journey_id=author.id if author else None,
        operator_id=operator.id,
    )
