"""Beside the demo's own campaign there is one of each playbook, live and joinable; made once, and finished if cut."""

from __future__ import annotations

import pytest

from tenfold import flow
from tenfold.campaigns.models import Campaign
from tenfold.flow.playbooks import ready
from tenfold.insight.rebuild import differences
from tenfold.journal.models import Entry
from tenfold.rewards.models import Grant
from tenfold.simulation import showcase
from tests import cast
from tests.journal.acts import everything

pytestmark = pytest.mark.django_db
# Two of them here; that each can be launched is tried with the playbooks.
SHOWN = ("group_fission", "free_tickets")


@pytest.fixture(autouse=True)
def shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(showcase, "every_ready", lambda: [ready(name) for name in SHOWN])


def test_each_is_live_and_lets_people_in_and_a_second_start_changes_nothing() -> None:
    home, olga = cast.workspace()
    made = showcase.set_up(workspace=home, owner=olga)
    assert [(one.playbook, one.state) for one in made] == [(name, "live") for name in SHOWN]
    for campaign in made:
        code = campaign.codes.get(channel__isnull=False)
        shown = flow.scanned(slug=code.slug, visitor_id=None)
        assert shown.group is not None
        flow.joined(
            group=shown.group,
            visitor_id=shown.visitor_id,
            nickname="Mia",
            has_consented=True,
            language="en",
        )
    assert Grant.objects.filter(campaign__playbook="free_tickets", reward__kind="keepsake").count() == 1
    assert differences() == []
    before, facts = everything(), Entry.objects.count()
    showcase.set_up(workspace=home, owner=olga)
    assert (everything(), Entry.objects.count()) == (before, facts)


def test_one_that_was_cut_off_before_its_launch_is_launched_by_the_next_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home, olga = cast.workspace()

    def cut(**_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(flow, "launched", cut)
        with pytest.raises(KeyboardInterrupt):
            showcase.set_up(workspace=home, owner=olga)
    assert [one.state for one in Campaign.objects.all()] == ["draft"]
    assert [one.state for one in showcase.set_up(workspace=home, owner=olga)] == ["live", "live"]
    assert Campaign.objects.count() == len(SHOWN)
