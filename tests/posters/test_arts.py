"""Posters as they may be seen in screenshots: what all share, where the rest lies, how the code is drawn."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from PIL import Image, ImageChops

from tenfold.base import clock
from tenfold.flow.claims import MOST_ARTS, claim_of, posters_of
from tenfold.imaging.design import write_design
from tenfold.imaging.qr import qr_modules, read_codes
from tenfold.people.models import Journey
from tenfold.posters import actions as posters
from tenfold.posters.arts import Pictures, art_of, facts_of
from tenfold.posters.drawing import poster_of
from tenfold.posters.grounds import picture_of
from tenfold.posters.rules import default_of
from tenfold.proofs.models import ReviewPlan
from tests import cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("read_at_one_size")]


@pytest.fixture
def mia() -> Journey:
    return cast.joins(cast.live(), "Mia")


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def test_outside_the_personal_places_everybody_s_poster_is_the_art(mia: Journey) -> None:
    made = poster_of(mia.code, language="en", owner=mia)
    art = art_of(made)
    assert art
    own, shared = opened(picture_of(made, media_type="image/png")), opened(art.picture)
    assert own.size == shared.size
    different = ImageChops.difference(own, shared)
    for box in art.personal:
        different.paste(0, box)
    assert different.getbbox() is None


def test_the_code_lies_in_its_box_with_its_quiet_zone(mia: Journey) -> None:
    made = poster_of(mia.code, language="en", owner=mia)
    art, facts = art_of(made), facts_of(made)
    assert art
    assert facts
    picture = opened(picture_of(made, media_type="image/png"))
    cut = picture.crop(art.code_box)
    assert cut.width == cut.height
    assert cut.width % (17 + 4 * facts.version + 8) == 0
    out = io.BytesIO()
    cut.save(out, "PNG")
    assert [code.text for code in read_codes(out.getvalue())] == [made.code_text]
    module = cut.width // (17 + 4 * facts.version + 8)
    modules = qr_modules(made.code_text, level=facts.level, facts=facts)
    drawn = cut.convert("L").crop((4 * module, 4 * module, cut.width - 4 * module, cut.height - 4 * module))
    assert (
        ImageChops.difference(
            drawn.resize(modules.size, Image.Resampling.BOX).point(lambda value: 255 * (value > 127)), modules
        ).getbbox()
        is None
    )


def test_the_key_changes_with_what_all_share_and_not_with_the_person(mia: Journey) -> None:
    ben = Journey.objects.get(pk=mia.pk)
    one, other = (art_of(poster_of(each.code, language="en", owner=each)) for each in (mia, ben))
    assert one == other
    chinese = art_of(poster_of(mia.code, language="zh-hans", owner=mia))
    assert one
    assert chinese
    assert one.key != chinese.key


def test_few_pictures_are_kept(mia: Journey) -> None:
    kept = Pictures(most=1)
    english, chinese = (poster_of(mia.code, language=each, owner=mia) for each in ("en", "zh-hans"))
    assert kept.of(english) == kept.of(english)
    assert kept.of(chinese) != kept.of(english)
    assert len(kept._kept) == 1


def test_a_claim_names_the_posters_of_that_time_first_and_those_of_now_too(mia: Journey) -> None:
    sent_at = clock.now()
    before = [made.ground_key for made in posters_of(mia, at=sent_at)]
    assert len(before) == 2
    campaign = mia.campaign
    owner = campaign.workspace.memberships.get().operator
    design = posters.new_design(campaign=campaign, kind="poster", name="Loud")
    content = write_design(default_of("poster").design)
    posters.save_version(design=design, content=content, operator=owner, variant="A")
    now = [made.ground_key for made in posters_of(mia, at=clock.now() + timedelta(seconds=1))]
    assert len(now) <= MOST_ARTS
    assert not set(before) & set(now[:2])
    assert set(before) <= set(now)  # they may have forwarded what they had at first
    claim = claim_of(mia, ReviewPlan(needs_caption="Read with us"), at=clock.now())
    assert (claim.nickname, claim.captions, claim.code_text) == (
        "Mia",
        ("Read with us",),
        poster_of(mia.code, language="en", owner=mia).code_text,
    )
    for art, own in zip(claim.arts, claim.posters, strict=True):
        assert opened(own).size == opened(art.picture).size
