"""Screenshots go when their time is over, and who opened them is on record."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from tenfold import flow
from tenfold.accounts.models import Role
from tenfold.base import clock
from tenfold.base.models import Picture
from tenfold.base.refusal import Refusal
from tenfold.imaging.fingerprints import fingerprint
from tenfold.imaging.prints import read
from tenfold.insight.rebuild import differences
from tenfold.journal.models import Entry
from tenfold.people.models import Journey
from tenfold.proofs import keeping, likeness
from tenfold.proofs.copies import held_against
from tenfold.proofs.models import Proof, ReviewPlan, Shot
from tests import cast
from tests.conftest import FrozenClock
from tests.imaging.edits import Post

pytestmark = pytest.mark.django_db


def is_rejected(proof: Proof, stage: cast.Stage) -> Proof:
    flow.judged(proof=proof, operator=stage.owner, is_approved=False, reason="no_poster")
    return cast.settles(proof)


def is_erased(proof: Proof) -> bool:
    proof = Proof.objects.select_related("picture").get(pk=proof.pk)
    gone = bytes(proof.picture.content) == b""
    assert (proof.erased_at is not None) is (proof.picture.erased_at is not None) is gone
    return gone


def erased_facts() -> list[str]:
    facts = Entry.objects.filter(kind="picture_erased").order_by("id")
    return [entry.data["proof"] for entry in facts]


def test_a_settled_screenshot_goes_after_ninety_days_and_is_still_known(frozen: FrozenClock) -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    proof = cast.sends(mia)
    likeness.looked_up(proof=proof, fingerprint=b"", has_own_code=False)
    sha256 = Picture.objects.get(pk=proof.picture_id).sha256
    cast.is_approved(proof, stage.owner)
    frozen.advance(days=89)
    assert (keeping.erased(clock.now()), is_erased(proof)) == (0, False)
    frozen.advance(days=1, seconds=1)
    assert (keeping.erased(clock.now()), is_erased(proof)) == (1, True)
    assert (keeping.erased(clock.now()), erased_facts()) == (0, [str(proof.pk)])
    assert Picture.objects.get(pk=proof.picture_id).sha256 == sha256
    match = likeness.looked_up(
        proof=cast.sends(cast.joins(stage, "Ben")), fingerprint=b"", has_own_code=False
    )
    assert match is not None
    assert (match.kind, match.proof_id) == ("exact", proof.pk)
    assert differences() == []


def test_with_the_picture_goes_what_can_be_read_on_its_fingerprint(frozen: FrozenClock) -> None:
    stage = cast.live()
    proof, post = cast.sends(cast.joins(stage, "Mia")), Post(person=1)
    whole = fingerprint(post.picture, post.poster, post.code)
    likeness.looked_up(proof=proof, fingerprint=whole, has_own_code=True)
    cast.is_approved(proof, stage.owner)
    frozen.advance(days=90, seconds=1)
    assert (keeping.erased(clock.now()), is_erased(proof)) == (1, True)
    left = read(bytes(Shot.objects.get(proof=proof).fingerprint))
    assert left is not None
    assert (left.clock, left.age) == (None, None)
    later = cast.sends(cast.joins(stage, "Ben"), cast.screenshot("gold"))
    match = likeness.looked_up(proof=later, fingerprint=whole, has_own_code=False)
    assert match is not None
    assert (match.kind, match.proof_id) == ("retaken", proof.pk)
    assert held_against(match, has_own_code=False) == "already_used"


def test_the_plan_says_how_long_and_each_campaign_has_its_own(frozen: FrozenClock) -> None:
    stage = cast.live()
    other = cast.live(owner=(stage.workspace, stage.owner))
    ReviewPlan.objects.update_or_create(
        campaign=stage.campaign, defaults={"workspace": stage.workspace, "keep_days": 2}
    )
    soon, late = (is_rejected(cast.sends(cast.joins(each, "Mia")), each) for each in (stage, other))
    frozen.advance(days=2, seconds=1)
    assert keeping.erased(clock.now()) == 1
    assert (is_erased(soon), is_erased(late)) == (True, False)


def test_what_waits_is_kept_and_what_was_replaced_goes_by_the_day_it_was_sent(frozen: FrozenClock) -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    replaced, waiting = cast.sends(mia), cast.sends(mia, cast.screenshot("gold"))
    frozen.advance(days=90, seconds=1)
    assert keeping.erased(clock.now()) == 1
    assert (is_erased(replaced), is_erased(waiting)) == (True, False)


def test_at_most_so_many_at_once_and_the_rest_the_next_time(frozen: FrozenClock) -> None:
    stage = cast.live(capacity=20)
    for nth in range(5):
        is_rejected(cast.sends(cast.joins(stage, f"P{nth}")), stage)
    frozen.advance(days=91)
    assert [keeping.erased(clock.now(), limit=3) for _nth in range(3)] == [3, 2, 0]
    assert len(set(erased_facts())) == 5


def test_nothing_is_left_to_appeal(frozen: FrozenClock) -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    proof = is_rejected(cast.sends(mia), stage)
    frozen.advance(days=91)
    keeping.erased(clock.now())
    proof.refresh_from_db()
    with pytest.raises(Refusal):
        flow.appealed(journey=Journey.objects.get(pk=mia.pk), proof=proof, text="It was right")


def test_a_due_appeal_that_came_first_keeps_the_picture(frozen: FrozenClock) -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    proof = is_rejected(cast.sends(mia), stage)
    flow.appealed(journey=Journey.objects.get(pk=mia.pk), proof=proof, text="It was right")
    frozen.advance(days=91)
    assert keeping._erase(proof_ids=[proof.pk], campaign_id=stage.campaign.id) == 0
    assert (keeping.erased(clock.now()), is_erased(proof)) == (0, False)


def test_erased_bytes_are_not_left_in_the_file(frozen: FrozenClock) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's vacuum does that")
    stage = cast.live()
    is_rejected(cast.sends(cast.joins(stage, "Mia")), stage)
    frozen.advance(days=91)
    keeping.erased(clock.now())
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete")
        assert cursor.fetchone() == (1,)


# --- pages ----------------------------------------------------------------------------------------------------


def shown(operator: object, address: str) -> int:
    client = Client()
    client.force_login(operator, backend=cast.BACKEND)  # type: ignore[arg-type]
    return client.get(address).status_code


def test_who_opens_a_screenshot_is_noted_once_in_ten_minutes(frozen: FrozenClock) -> None:
    stage = cast.live()
    proof = cast.sends(cast.joins(stage, "Mia"))
    rita = cast.team_mate(stage.workspace, stage.owner, Role.REVIEWER)
    for address in (reverse("console:picture", args=[proof.picture_id]), f"/picture/{proof.picture_id}"):
        assert shown(stage.owner, address) == 200
    frozen.advance(minutes=11)
    for operator in (rita, rita, stage.owner):
        assert shown(operator, reverse("console:picture", args=[proof.picture_id])) == 200
    names = [seen.operator for seen in keeping.who_saw(proof)]
    assert sorted(names) == sorted([str(stage.owner), str(stage.owner), str(rita)])
    assert names[-1] == str(stage.owner)


def test_faces_and_strangers_leave_no_trace() -> None:
    stage = cast.live()
    proof = cast.sends(cast.joins(stage, "Mia"))
    _, eve = cast.workspace("eve@example.com")
    assert shown(eve, reverse("console:picture", args=[proof.picture_id])) == 404
    assert shown(eve, f"/picture/{proof.picture_id}") == 404
    assert keeping.who_saw(proof) == []
    keeping.seen(picture_id=stage.campaign.id, operator=stage.owner)
    assert not Entry.objects.filter(kind="picture_seen").exists()


def test_an_erased_picture_is_gone_at_every_address(frozen: FrozenClock) -> None:
    stage = cast.live()
    proof = is_rejected(cast.sends(cast.joins(stage, "Mia")), stage)
    small, whole = f"/picture/{proof.picture_id}?small", f"/picture/{proof.picture_id}"
    assert shown(stage.owner, small) == 200
    frozen.advance(days=91)
    keeping.erased(clock.now())
    for address in (reverse("console:picture", args=[proof.picture_id]), small, whole):
        assert shown(stage.owner, address) == 410
    assert Shot.objects.filter(proof=proof).count() <= 1
