"""`tenfold hook`: an engineer lets another system in, changes its secret, and shuts it out."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner, Result

from tenfold.cli import main
from tenfold.mailroom.models import HookSource
from tenfold.platforms.standard_webhooks import StandardWebhooks
from tests import cast

pytestmark = pytest.mark.django_db
SHOP = ("--workspace", "Reading Club", "--name", "Shop")


def hook(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, ["hook", *arguments], input=typed)


def test_the_address_and_the_secret_are_told_once() -> None:
    cast.workspace()
    done = hook("add", *SHOP)
    source = HookSource.objects.get()
    assert (done.exit_code, done.output) == (
        0,
        f"Address: http://127.0.0.1:8000/hooks/{source.id}\nSecret: {source.secret}\n",
    )
    listed = hook("list").output
    assert listed == f"Reading Club\tShop\tstandard\ton\thttp://127.0.0.1:8000/hooks/{source.id}\n"


def test_a_secret_that_the_other_side_has_made_is_asked_for_and_not_told() -> None:
    cast.workspace()
    given = StandardWebhooks().new_secret()
    done = hook("add", *SHOP, "--given", typed=f" {given}\n")
    assert done.exit_code == 0
    assert given not in done.output
    assert HookSource.objects.get().secret == given


def test_the_secret_is_changed_and_the_old_one_still_holds() -> None:
    cast.workspace()
    hook("add", *SHOP)
    old = HookSource.objects.get().secret
    done = hook("rotate", *SHOP)
    source = HookSource.objects.get()
    assert done.output == f"Secret: {source.secret}\n"
    assert [secret for secret, _until in source.former_secrets] == [old] != [source.secret]
    given = StandardWebhooks().new_secret()
    assert "24 hours" in hook("rotate", *SHOP, "--given", typed=f"{given}\n").output
    assert HookSource.objects.get().secret == given


def test_off_and_on() -> None:
    cast.workspace()
    hook("add", *SHOP)
    for command, is_active in (("off", False), ("off", False), ("on", True)):
        assert hook(command, *SHOP).exit_code == 0
        assert HookSource.objects.get().is_active is is_active
        assert f"\t{command}\t" in hook("list").output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("add", "--workspace", "Nobody", "--name", "Shop"), "no workspace of this name"),
        (("add", *SHOP), "a source of this name already"),
        (("add", "--workspace", "Reading Club", "--name", " "), "at most 80"),
        (("add", "--workspace", "Reading Club", "--name", "Till", "--scheme", "x"), "not signed in this way"),
        (("rotate", "--workspace", "Reading Club", "--name", "Till"), "no source of this name"),
        (("off", "--workspace", "Reading Club", "--name", "Till"), "no source of this name"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(arguments: tuple[str, ...], told: str) -> None:
    cast.workspace()
    hook("add", *SHOP)
    done = hook(*arguments)
    assert done.exit_code == 1
    assert re.match("Error: ", done.output)
    assert told in done.output
    assert HookSource.objects.count() == 1


def test_of_two_workspaces_of_one_name_neither_is_meant() -> None:
    cast.workspace()
    cast.workspace("tom@example.com")
    assert "more than one workspace" in hook("add", *SHOP).output
    assert HookSource.objects.count() == 0


@pytest.mark.parametrize("command", ["add", "rotate", "on", "off"])
def test_both_names_are_needed(command: str) -> None:
    assert hook(command, "--name", "Shop").exit_code == 2
    assert hook(command, "--workspace", "Reading Club").exit_code == 2
