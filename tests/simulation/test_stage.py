"""The demo's stage is made whole or not at all, found again, and repaired by the next start wherever it was cut."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tenfold import flow
from tenfold.accounts.models import Membership, Operator
from tenfold.base.keys import new_id
from tenfold.campaigns.models import Campaign
from tenfold.groups.models import Group
from tenfold.insight.rebuild import differences
from tenfold.journal.models import Entry
from tenfold.people.models import Journey
from tenfold.rewards.models import StockCode
from tenfold.simulation import demo, showcase, stage
from tenfold.simulation.doors import Unreachable
from tenfold.simulation.stage import STOCK, Size, channel_codes
from tenfold.simulation.texts import CHANNELS, WEB_GROUPS
from tests.journal.acts import everything

pytestmark = pytest.mark.django_db
PASSWORDS = {"password": "a long enough password", "robot_password": "another long password"}


@pytest.fixture(autouse=True)
def without_showcase() -> Iterator[None]:
    """What stands beside the demo's own campaign is tried by itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(showcase, "set_up", lambda **_: [])
        yield


@pytest.fixture(autouse=True)
def data(tmp_path: Path, settings: Any) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


def set_up(**wishes: Any) -> Campaign:
    named: dict[str, Any] = {"email": demo.EMAIL, "robot": demo.ROBOT, "size": Size()}
    return stage.set_up(**(named | PASSWORDS | wishes))


def test_the_stage_is_a_campaign_that_is_live_with_everything_it_needs() -> None:
    campaign = set_up()
    assert (campaign.state, campaign.groups.count()) == ("live", len(WEB_GROUPS) + 1)
    assert len(channel_codes(campaign)) == len(CHANNELS)
    assert StockCode.objects.count() == STOCK
    wechat = Group.objects.get(platform="wechat_group")
    assert (wechat.position, wechat.capacity, bool(wechat.qr_picture)) == (1, Size().wechat_capacity, True)
    roles = dict(Membership.objects.values_list("operator__email", "role"))
    assert roles == {demo.EMAIL: "owner", demo.ROBOT: "reviewer"}
    assert differences() == []


def test_a_second_start_finds_it_and_changes_nothing() -> None:
    first = set_up()
    before, facts = everything(), Entry.objects.count()
    assert set_up() == first
    assert (everything(), Entry.objects.count()) == (before, facts)


def test_without_room_in_wechat_there_is_no_wechat_group() -> None:
    set_up(size=Size(wechat_capacity=0))
    assert set(Group.objects.values_list("platform", flat=True)) == {"web"}


def test_what_an_operator_has_changed_stays_as_they_left_it() -> None:
    campaign = set_up()
    Campaign.objects.update(name="Ours now", state="paused")
    Operator.objects.filter(email=demo.EMAIL).update(name="Olga")
    assert set_up() == campaign
    assert Campaign.objects.get().name == "Ours now"
    assert Campaign.objects.get().state == "paused"


def test_a_robot_that_was_locked_out_is_let_in_again_and_an_owner_keeps_their_password() -> None:
    set_up()
    for operator in Operator.objects.all():
        operator.set_password("changed in the console")
        operator.save()
    set_up()
    owner, robot = (Operator.objects.get(email=email) for email in (demo.EMAIL, demo.ROBOT))
    assert owner.check_password("changed in the console")
    assert robot.check_password(PASSWORDS["robot_password"])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "where",
    [
        "accounts.make_workspace",
        "accounts.add_operator",
        "campaigns.change_words",
        "codes.make_channel",
        "groups.add_group",
        "flow.qr_uploaded",
        "flow.restocked",
        "flow.launched",
    ],
)
def test_cut_at_any_point_nothing_is_left_and_the_next_start_makes_all_of_it(where: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"tenfold.simulation.stage.{where}", cut)
        with pytest.raises(KeyboardInterrupt):
            set_up()
    assert [name for name, rows in everything().items() if rows] == []
    assert not Entry.objects.exists()
    if where == "flow.launched":
        assert set_up().state == "live"


def cut(**_: object) -> None:
    raise KeyboardInterrupt


# --- the demo: its file and its people ------------------------------------------------------------------------


def people_who(act: Callable[[], list[str]]) -> pytest.MonkeyPatch:
    patch = pytest.MonkeyPatch()
    patch.setattr(demo, "people_come", lambda _made, _dice: act())
    return patch


def test_the_log_in_is_kept_before_anything_is_made(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "set_up", cut)
    with pytest.raises(KeyboardInterrupt):
        demo.prepare()
    kept = demo.read()
    assert kept is not None
    assert stat.S_IMODE((data / "demo.json").stat().st_mode) == 0o600
    monkeypatch.undo()
    made = demo.prepare(has_people=False)
    assert (made.password, made.robot_password) == (kept.password, kept.robot_password)
    assert Operator.objects.get(email=made.email).check_password(made.password)
    assert made == demo.read()
    assert made.campaign_id == str(Campaign.objects.get().id)
    assert not list(data.glob("*.new"))


def test_people_who_were_cut_off_come_once_more_and_those_who_came_are_enough() -> None:
    def are_cut_off() -> list[str]:
        raise Unreachable("away")

    patch = people_who(are_cut_off)
    with pytest.raises(Unreachable):
        demo.prepare()
    patch.undo()
    patch = people_who(lambda: ["/C/FR1END01"])
    demo.prepare()
    patch.undo()
    known = demo.read()
    assert known is not None
    assert known.invitations == ("/C/FR1END01",)
    _third_generation(Campaign.objects.get())
    patch = people_who(are_cut_off)  # nobody is asked to come
    assert demo.prepare().codes == known.codes
    patch.undo()
    again = demo.read()
    assert again is not None
    assert again.invitations == known.invitations


def _third_generation(campaign: Campaign) -> None:
    group = campaign.groups.all()[0]
    journey = flow.joined(group=group, visitor_id=new_id(), nickname="Mia", has_consented=True, language="en")
    Journey.objects.filter(pk=journey.pk).update(generation=2)


@pytest.mark.parametrize(
    "broken", ["", "{", "[]", "null", "3", '{"codes": 3}', '{"codes": [], "invitations": []', "\xff"]
)
def test_a_file_that_cannot_be_read_is_no_demo(data: Path, broken: str) -> None:
    (data / "demo.json").write_text(broken, encoding="latin-1")
    assert demo.read() is None


def test_a_field_of_a_later_version_makes_it_no_demo_of_ours(data: Path) -> None:
    (data / "demo.json").write_text(json.dumps({"codes": [], "invitations": [], "colour": "red"}))
    assert demo.read() is None


def test_a_password_that_was_changed_is_not_told_wrongly() -> None:
    """Whoever has set their own must not be shown the old one, nor whoever threw the file away a new one."""
    made = demo.prepare(has_people=False)
    operator = Operator.objects.get(email=made.email)
    operator.set_password("something else now")
    operator.save()
    assert demo.prepare(has_people=False).password == "(the one you have set)"
    kept = demo.read()
    assert kept is not None
    assert kept.password == made.password


def test_the_addresses_told_are_those_of_the_first_code(settings: Any) -> None:
    settings.PUBLIC_URL = "https://tenfold.example.com"
    made = demo.Demo(codes=("ABCD2345", "EFGH6789"))
    assert made.scan_url == "https://tenfold.example.com/C/ABCD2345"
    assert made.poster_url == "https://tenfold.example.com/poster/ABCD2345.jpg"
    assert len({demo.Demo().password for _each in range(50)}) == 50
