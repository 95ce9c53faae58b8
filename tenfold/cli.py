"""The `tenfold` command.

Django reads its settings from the environment once, when it is first imported. So every command sets the environment
first and imports what needs Django inside of itself; it also keeps `--help` and a wrong option quick.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import sys
import threading
from collections.abc import Iterator
from importlib.metadata import version as version_of
from pathlib import Path
from types import FrameType

import click

PORT = click.IntRange(1, 65535)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Community fission that runs through group chats."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tenfold.settings")


def _set_up() -> None:
    import django

    django.setup()


def _without_key() -> None:
    """For commands that keep nothing, not even a key made on the first start."""
    data = Path(os.environ.get("TENFOLD_DATA", ".data"))
    if not (data / "secret.key").is_file():
        os.environ.setdefault("TENFOLD_SECRET_KEY", secrets.token_urlsafe(48))
    _set_up()


def _tell_doubts() -> None:
    """By what an answered scan could get lost. SQLite gives no cause for any, and is started without asking."""
    if os.environ.get("DATABASE_URL"):
        _set_up()
        from tenfold.up import durable

        durable.warn(os.environ)


def _stop_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set: what runs then finishes the row it has in hand."""
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    return stopping


@main.command()
@click.option("--empty", "is_empty", is_flag=True, help="Without the demo: one workspace and its owner.")
@click.option(
    "--lan", "is_lan", is_flag=True, help="Serve this network, and put this machine's address into codes."
)
@click.option("--port", type=PORT, default=8000, show_default=True)
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), default=".data", show_default=True)
def up(is_empty: bool, is_lan: bool, port: int, data: Path) -> None:
    """Prepare everything and run the product on this machine."""
    from tenfold.up.start import Wishes, up

    up(Wishes(data=data.resolve(), port=port, is_empty=is_empty, is_lan=is_lan))


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=PORT, default=8000, show_default=True)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    help="Processes. Without it: on PostgreSQL one for each core, at most 8; on SQLite one, as one writes anyway.",
)
def serve(host: str, port: int, workers: int | None) -> None:
    """Serve everything on one port."""
    from tenfold.server import serve, usual_workers

    _tell_doubts()
    serve(host=host, port=port, workers=workers or usual_workers())


@main.command()
def worker() -> None:
    """Deliver, settle, remind, expire: everything that is due. Run one or more."""
    from tenfold import parent

    parent.end_with_parent()
    _set_up()
    from tenfold import worker
    from tenfold.edge.process import settle_in

    settle_in()  # a lock of the database's is held while the collector looks through everything
    if parent.VARIABLE not in os.environ:  # beside a server of the same `up` one of them tells it
        _tell_doubts()
    worker.run(_stop_signals())


@main.command()
@click.option("--base", default="", help="Whose doors; without it the address in the settings.")
@click.option("--scan-url", "codes", multiple=True, help="Where to begin; without it the demo's own codes.")
@click.option(
    "--pace", type=click.FloatRange(0.01, 1000), default=1.0, show_default=True, help="Steps a second."
)
@click.option("--seed", type=int, help="The same crowd again, as far as the answers are the same.")
def crowd(base: str, codes: tuple[str, ...], pace: float, seed: int | None) -> None:
    """Simulated people who come through the real doors, at a gentle pace."""
    from tenfold import parent

    parent.end_with_parent()
    _set_up()
    from tenfold.simulation import crowd

    try:
        crowd.run(_stop_signals(), base=base, codes=codes, pace=pace, seed=seed)
    except crowd.NoStage as nowhere:
        raise click.ClickException(str(nowhere)) from nowhere


@main.command()
def migrate() -> None:
    """Make or change the tables."""
    _set_up()
    from tenfold.up import ground

    ground.migrate(verbosity=1)


@main.command()
@click.option("--repair", is_flag=True, help="Set the stored counters to what the journal says.")
def rebuild(repair: bool) -> None:
    """Derive every counter anew from the journal and report every difference."""
    _set_up()
    from tenfold.insight.rebuild import checked, written_back

    report = checked()
    for found in report.differences:
        click.echo(f"{found.name} of {found.row_id}: stored {found.told}, by the journal {found.facts}")
    if not report.differences:
        click.echo(f"No difference: {report.counter_count} counters over {report.fact_count} facts.")
        return
    if repair:
        click.echo(f"{written_back(report.differences)} counters set.")
    sys.exit(1)


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option(
    "--campaign",
    required=True,
    help="A campaign's id in the database; or a file NAME.json beside NAME.png: the poster without anybody's code, face"
    ' and name, and {"qr_box": [left, top, side], "av_box": [left, top, side], "nick_xy": [left, top]} in its pixels.',
)
@click.option("--code", default="", help="Their own code, as it reads. With files it has to be given.")
@click.option("--journey", default="", help="Whose screenshots these are, by id in the database.")
@click.option("--slug", default="", help="The same by the slug of their code.")
@click.option("--nickname", default="", help="With files: the name that stands on their posts.")
@click.option(
    "--place", type=click.Choice(["shared", "moments", "group", "any"]), help="Where it has to be posted."
)
@click.option("--everyone/--anyone", "is_for_everyone", default=None, help="Whether everybody has to see it.")
@click.option("--oldest-hours", type=click.IntRange(1), help="How old the post may be.")
@click.option("--caption", help="Words that have to stand with it.")
@click.option(
    "--earlier",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A screenshot that was approved before, for whoever's code is in it: is one of these the same?",
)
@click.option("--json", "is_json", is_flag=True, help="One object a line, as always where nobody watches.")
def review(
    files: tuple[Path, ...],
    campaign: str,
    code: str,
    journey: str,
    slug: str,
    nickname: str,
    earlier: tuple[Path, ...],
    is_json: bool,
    **asked: str | int | bool | None,
) -> None:
    """Look at screenshots on disk as the worker does.

    Verdict, reasons and evidence of each are printed as JSON; nothing is kept.

    \b
    The verdict is
      pass        poster and own code are proven, and whatever is asked besides
      fail        a hard fact speaks against it; `reasons` are what its sender is told
      ask         a person has to look: `doubts` say why, `reasons` what may turn out to be true
      unreadable  it is no picture, or too large or damaged
      error       the file is missing or cannot be opened
    `told` says it in sentences, English and Chinese. `reasons` are no_poster, wrong_code, wrong_person,
    not_a_screenshot, too_old, restricted_audience, wrong_caption, unreadable, already_used.

    Exit code: 0 all were looked at, whatever the verdict; 1 one was unreadable, or what they are held against is wrong;
    2 a file could not be opened, a code of the campaign stands at another address than TENFOLD_PUBLIC_URL, or the
    command was not understood.

    With an id of the database (in TENFOLD_DATA, or at DATABASE_URL) the campaign's own review plan holds, with a file:
    --place any, seen by everyone, of any age; options change either. It runs in a process of its own with limits, and
    needs the extra: pip install "tenfold[review]".
    """
    _without_key()
    from tenfold.up import review

    whose = review.Whose(campaign=campaign, code=code, journey=journey, slug=slug, nickname=nickname)
    wishes = {name: value for name, value in asked.items() if value is not None}
    is_indented = not is_json and sys.stdout.isatty()
    try:
        sender = review.sender_of(whose, wishes)
        codes = [review.tell(each, is_indented) for each in review.reviewed(files, sender, earlier)]
    except review.CannotReview as why:
        raise click.ClickException(str(why)) from why
    sys.exit(max(codes))


@main.group()
def operator() -> None:
    """People who work in the console."""


@operator.command()
@click.argument("email")
@click.option(
    "--workspace", default="My workspace", show_default=True, help="Made if there is none of this name."
)
@click.option("--role", type=click.Choice(["owner", "manager", "reviewer", "viewer"]), default="owner")
@click.option("--generate", is_flag=True, help="Make up a password and print it.")
def add(email: str, workspace: str, role: str, generate: bool) -> None:
    """Let someone into a workspace."""
    _set_up()
    from tenfold.base.refusal import Refusal
    from tenfold.up.operators import add_operator

    password = (
        secrets.token_urlsafe(12)
        if generate
        else click.prompt("Password", hide_input=True, confirmation_prompt=True)
    )
    try:
        is_new = add_operator(email=email, workspace_name=workspace, role=role, password=password)
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    told = (
        f"Password: {password}" if generate and is_new else "" if is_new else "Their password stays as it is."
    )
    click.echo(f"{email} is {role} of {workspace}. {told}".strip())


@main.group()
def hook() -> None:
    """Other systems that tell us what happens there, each at an address of its own."""


_WORKSPACE = click.option("--workspace", required=True, help="The workspace it tells something.")
_NAME = click.option("--name", required=True, help="What we call the other system.")
_GIVEN = click.option("--given", is_flag=True, help="Ask for a secret that the other system has made.")


@hook.command("add")
@_WORKSPACE
@_NAME
@click.option("--scheme", default="standard", show_default=True, help="How it signs what it sends.")
@_GIVEN
def hook_add(workspace: str, name: str, scheme: str, given: bool) -> None:
    """Listen to another system: prints its address, and the secret, once."""
    _set_up()
    from tenfold.up import hooks

    with _refusals():
        source = hooks.add(workspace=workspace, name=name, scheme=scheme, secret=_secret(given))
    click.echo(f"Address: {hooks.address_of(source)}")
    if not given:
        click.echo(f"Secret: {source.secret}")


@hook.command("list")
def hook_list() -> None:
    """All systems that are listened to, or were."""
    _set_up()
    from tenfold.up import hooks

    for source in hooks.every():
        state = "on" if source.is_active else "off"
        told = (source.workspace.name, source.name, source.scheme, state, hooks.address_of(source))
        click.echo("\t".join(told))


@hook.command("rotate")
@_WORKSPACE
@_NAME
@_GIVEN
def hook_rotate(workspace: str, name: str, given: bool) -> None:
    """Change the secret; the old one holds for another 24 hours."""
    _set_up()
    from tenfold.up import hooks

    with _refusals():
        source = hooks.rotate(workspace=workspace, name=name, secret=_secret(given))
    click.echo("The old secret holds for another 24 hours." if given else f"Secret: {source.secret}")


@hook.command("off")
@_WORKSPACE
@_NAME
def hook_off(workspace: str, name: str) -> None:
    """Listen no longer."""
    _set_up()
    from tenfold.up import hooks

    with _refusals():
        hooks.switch(workspace=workspace, name=name, is_active=False)


@hook.command("on")
@_WORKSPACE
@_NAME
def hook_on(workspace: str, name: str) -> None:
    """Listen again."""
    _set_up()
    from tenfold.up import hooks

    with _refusals():
        hooks.switch(workspace=workspace, name=name, is_active=True)


@main.group()
def plan() -> None:
    """Playbooks: campaigns as files."""


@plan.command("check")
@click.argument("file")
@click.option("--json", "is_json", is_flag=True, help="One object, with every text in both languages.")
def plan_check(file: str, is_json: bool) -> None:
    """Everything that is wrong with a playbook, each with its place.

    And what platforms and laws forbid of it. FILE is a file, or the name of a playbook that comes with the install.
    Exit code: 0 it can be used, 1 it cannot, 2 it could not be opened.
    """
    _without_key()
    from tenfold.up import plans

    found = plans.told(plans.content_of(file))
    if is_json:
        click.echo(plans.as_json(found))
    else:
        click.echo(
            "\n".join([*plans.lines(found), "Good." if found["is_good"] else "It cannot be used like this."])
        )
    sys.exit(0 if found["is_good"] else 1)


@plan.command("apply")
@click.argument("file")
@click.option(
    "--workspace", default="", help="Where the campaign is made, by its name; else the operator's only one."
)
@click.option("--operator", "email", required=True, help="Who makes it: an owner or manager there.")
@click.option("--name", default="", help="What it is called; without it as the playbook.")
@click.option(
    "--language", type=click.Choice(["en", "zh-hans"]), help="Its main language; else the operator's."
)
def plan_apply(file: str, workspace: str, email: str, name: str, language: str | None) -> None:
    """Make a draft campaign out of a playbook.

    Nothing of it is made where anything is wrong.
    """
    _set_up()
    from tenfold.up import plans

    data = plans.content_of(file)
    with _refusals():
        campaign = plans.apply(data, workspace=workspace, email=email, name=name, language=language or "")
    click.echo(f"{campaign.name}: a draft, {campaign.id}")


@plan.command("save")
@click.argument("campaign")
def plan_save(campaign: str) -> None:
    """Print a campaign, by its id, as a playbook.

    Without its people, groups, codes and dates.
    """
    _set_up()
    from tenfold.up import plans

    with _refusals():
        click.echo(plans.saved(campaign), nl=False)


def _secret(is_given: bool) -> str:
    return str(click.prompt("Secret", hide_input=True)) if is_given else ""


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    """What the rules do not allow, told as what went wrong with a command."""
    from tenfold.base.refusal import Refusal

    try:
        yield
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal


@main.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Django's own commands: `tenfold manage dbshell`."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["tenfold manage", *arguments])


@main.command()
def version() -> None:
    """The installed version."""
    click.echo(version_of("tenfold"))


if __name__ == "__main__":
    main()
