"""Finding an earlier screenshot among as many as a launch night brings: a bounded number of rows, all by an index."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from tenfold.base.keys import new_id
from tenfold.base.models import Picture
from tenfold.imaging.fingerprints import fingerprint, near_keys
from tenfold.proofs import likeness
from tenfold.proofs.models import Proof, Shot
from tests import cast
from tests.imaging.edits import Post, edited

pytestmark = pytest.mark.django_db

MANY = int(os.environ.get("TENFOLD_SHOTS", "3000"))
BATCH = 1000
# A key is 16 bits and eight of them are asked for each of four bands.
EXPECTED = 4 * 8 / 65536


def many(stage: cast.Stage, like: Shot) -> None:
    """Other people's, each with keys of its own, all of one journey to spare the tables that do not matter here."""
    dice, journey = random.Random(1), cast.joins(stage, "Everybody")
    for _nth in range(MANY // BATCH):
        pictures = Picture.objects.bulk_create(_picture(stage, dice) for _ in range(BATCH))
        proofs = Proof.objects.bulk_create(
            Proof(
                workspace=stage.workspace,
                campaign=stage.campaign,
                journey=journey,
                picture=picture,
                source="page",
                state="withdrawn",
                sent_at=like.kept_at - timedelta(minutes=1),
            )
            for picture in pictures
        )
        Shot.objects.bulk_create(_shot(stage, proof, journey.pk, dice) for proof in proofs)
    if (
        connection.vendor == "postgresql"
    ):  # it would count by itself; SQLite has to find the way without figures
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _picture(stage: cast.Stage, dice: random.Random) -> Picture:
    return Picture(
        workspace=stage.workspace,
        content=b"",
        media_type="image/jpeg",
        width=1080,
        height=2160,
        sha256=f"{dice.getrandbits(256):064x}",
    )


def _shot(stage: cast.Stage, proof: Proof, journey_id: UUID, dice: random.Random) -> Shot:
    return Shot(
        workspace=stage.workspace,
        campaign=stage.campaign,
        journey_id=journey_id,
        proof=proof,
        fingerprint=dice.randbytes(300),
        **{name: dice.getrandbits(16) for name in likeness.KEYS},
    )


def test_a_copy_is_found_among_many_by_few_rows_and_no_table_is_read_through(
    record_property: Callable[[str, object], None],
) -> None:
    stage, post = cast.live(), Post(person=1)
    first = cast.sends(cast.joins(stage, "Mia"))
    print_ = fingerprint(post.picture, post.poster, post.code)
    like = likeness.keep(proof=first, fingerprint=print_, has_own_code=True)
    many(stage, like)
    copied = edited(post, "croptop")
    print_ = fingerprint(copied.picture, copied.poster, copied.code)
    proof = cast.sends(cast.joins(stage, "Ben"), cast.screenshot("gold"))
    shot = likeness.keep(proof=proof, fingerprint=print_, has_own_code=False)
    with CaptureQueriesContext(connection) as asked:
        began = time.process_time()
        match = likeness.first_of(shot)
        spent = time.process_time() - began
    assert match is not None
    assert (match.proof_id, match.kind) == (first.pk, "cropped")
    near = likeness._near(shot, {"proof__lt": shot.proof_id})
    assert len(near) <= max(3, 4 * MANY * EXPECTED)
    assert len(asked) <= 10
    record_property(
        "measured", f"{MANY} shots, {len(asked)} queries, {len(near)} near, {spent * 1000:.1f} ms CPU"
    )
    _uses_an_index(Shot.objects.filter(workspace=stage.workspace, near_0__in=[1, 2, 3]).order_by("-pk")[:64])
    _uses_an_index(Shot.objects.filter(journey=new_id()).order_by("-kept_at")[:8])
    same = Picture.objects.filter(workspace=stage.workspace, sha256="0" * 64).order_by("pk")
    _uses_an_index(same, "picture_same_bytes" if connection.vendor == "sqlite" else "index")


def _uses_an_index(rows: models.QuerySet[Shot] | models.QuerySet[Picture], name: str = "index") -> None:
    plan = rows.explain().lower()
    assert name in plan, plan
    assert "seq scan" not in plan, plan
    assert "scan tenfold" not in plan, plan


def test_keys_are_what_the_index_holds() -> None:
    post = Post(person=1)
    keys = near_keys(fingerprint(post.picture, post.poster, post.code))
    assert keys is not None
    assert all(0 <= key < 2**16 for key in keys)
