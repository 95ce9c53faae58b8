"""The only writer of review plans: what a screenshot has to show, and how far the machine may decide."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.access import RIGHT_OF, Right
from tenfold.accounts.models import Membership, Operator
from tenfold.base import clock
from tenfold.base.claim import changes_one, step
from tenfold.base.refusal import Refusal, refusal_of
from tenfold.campaigns.models import Campaign
from tenfold.journal.actions import write
from tenfold.journal.facts import Fact
from tenfold.mailroom import actions as mailroom
from tenfold.mailroom.models import HumanTask
from tenfold.proofs import looking, rules
from tenfold.proofs.models import ReviewPlan
from tenfold.proofs.queries import agreement, sampled

Mode = ReviewPlan.Mode
PLAN = (
    *rules.QUESTIONS,
    *("opened_by", "sample_percent", "bound_percent", "second_percent", "keep_days", "appeals", "example"),
)

# Of so many campaigns at once people take over after a release.
ENGINES = 50


@step
def change_review_plan(*, campaign: Campaign, operator: Operator, **fields: object) -> ReviewPlan:
    """Change any of the fields in PLAN; the mode is switched by `switch_mode`. With other questions people decide
    again, until the machine was seen with them."""
    unknown = set(fields) - set(PLAN)
    if unknown:
        raise ValueError(f"not part of the plan: {sorted(unknown)}")
    plan = _locked(campaign)
    changed = [name for name, value in fields.items() if getattr(plan, name) != value]
    for name in changed:
        setattr(plan, name, fields[name])
    plan.needs_caption = " ".join(str(plan.needs_caption).replace("\x00", "").split())
    try:
        plan.clean_fields(exclude={field.name for field in plan._meta.fields} - set(PLAN) | {"example"})
    except ValidationError as error:
        raise refusal_of(error, plan, code="bad_review_plan") from error
    if changed:
        is_asked_anew = not set(changed).isdisjoint(rules.QUESTIONS)
        plan.asked_at = clock.now() if is_asked_anew else plan.asked_at
        plan.save(update_fields=[*changed, "asked_at"])
        _note(Fact.REVIEW_PLAN_CHANGED, campaign, operator, fields=changed)
        if is_asked_anew and plan.mode == Mode.AUTOMATIC:
            _fall_back(plan, operator, {"changed": "questions"})
    return plan


@step
def switch_mode(*, campaign: Campaign, operator: Operator, mode: str) -> ReviewPlan:
    """How far the machine may decide from now on. To let it decide is for an owner, who has seen how it does."""
    if mode not in Mode.values:
        raise Refusal("unknown_mode", _("There is no such choice."), status=400)
    plan = _locked(campaign)
    if plan.mode == mode:
        return plan
    seen: dict[str, object] = {}
    if mode == Mode.AUTOMATIC:
        seen = _check_automatic(campaign, operator)
        plan.automatic_by, plan.automatic_at, plan.fell_back_at = operator, clock.now(), None
        plan.automatic_engine = rules.ENGINE
    before, plan.mode = plan.mode, mode
    plan.save(update_fields=["mode", "automatic_by", "automatic_at", "automatic_engine", "fell_back_at"])
    _note(Fact.REVIEW_MODE_CHANGED, campaign, operator, mode=mode, before=before, **seen)
    if mode == Mode.AUTOMATIC:
        mailroom.drop_tasks(campaign_id=campaign.pk, kind=HumanTask.Kind.REVIEW)
    else:
        looking.show_all(campaign=campaign)
    if mode == Mode.OFF:
        looking.look_no_more(campaign=campaign)
    if before == Mode.OFF:
        looking.look_at_all(campaign=campaign)
    return plan


def _check_automatic(campaign: Campaign, operator: Operator) -> dict[str, object]:
    owners = [role for role, right in RIGHT_OF.items() if right >= Right.OWN]
    theirs = Membership.objects.filter(workspace_id=campaign.workspace_id, operator=operator)
    if not theirs.filter(role__in=owners).exists():
        raise Refusal("not_owner", _("Only an owner lets the machine decide."), status=403)
    found = agreement(campaign)
    if found.beside < rules.LEAST_BESIDE:
        message = _(
            "%(least)s verdicts of people beside the machine's are needed first; there are %(beside)s."
        )
        raise Refusal("too_few", message % {"least": rules.LEAST_BESIDE, "beside": found.beside})
    if found.passed < rules.LEAST_PASSED:
        message = _(
            "Of these, %(least)s have to be screenshots that both people and the machine would approve; there are "
            "%(passed)s."
        )
        raise Refusal("too_few_passed", message % {"least": rules.LEAST_PASSED, "passed": found.passed})
    refused, wrong = found.refused, found.wrongly_refused
    if rules.falls_back(looked=refused, disagreed=wrong, bound_percent=_locked(campaign).bound_percent):
        message = _(
            "Of %(refused)s that it would have refused, people approved %(wrong)s: more than you allow."
        )
        raise Refusal("too_many_refused", message % {"refused": refused, "wrong": wrong})
    return {"beside": found.beside, "agreed": found.agreed}


@step
def fall_back_if_needed(*, campaign: Campaign) -> bool:
    """People take over again by themselves where those who looked again disagree too often; an operator is told why."""
    plan = _locked(campaign)
    if plan.mode != Mode.AUTOMATIC:
        return False
    again = sampled(campaign, since=plan.automatic_at)
    if not rules.falls_back(looked=again.looked, disagreed=again.disagreed, bound_percent=plan.bound_percent):
        return False
    why = {"sampled": again.looked, "disagreed": again.disagreed, "bound_percent": plan.bound_percent}
    if _fall_back(plan, None, why):
        _ask_to_look(campaign, f"{again.disagreed}/{again.looked} > {plan.bound_percent} %")
    return True


def decided_by_another() -> int:
    """Campaigns where an earlier release was let decide: people take over until this one was seen there, too."""
    others = ReviewPlan.objects.filter(mode=Mode.AUTOMATIC).exclude(automatic_engine__in=["", rules.ENGINE])
    found = list(others.select_related("campaign").order_by("pk")[:ENGINES])
    return sum(_watched_anew(campaign=plan.campaign) for plan in found)


@step
def _watched_anew(*, campaign: Campaign) -> bool:
    plan = _locked(campaign)
    if plan.mode != Mode.AUTOMATIC or plan.automatic_engine in ("", rules.ENGINE):
        return False
    if _fall_back(plan, None, {"changed": "engine"}):
        _ask_to_look(campaign, f"{plan.automatic_engine} → {rules.ENGINE}")
    return True


def _fall_back(plan: ReviewPlan, operator: Operator | None, why: Mapping[str, object]) -> bool:
    """Within the caller's step, who has locked the plan."""
    now = clock.now()
    automatic = ReviewPlan.objects.filter(pk=plan.pk, mode=Mode.AUTOMATIC)
    if not changes_one(automatic, mode=Mode.SHADOW, fell_back_at=now, fell_back_why=why):
        return False
    plan.mode, plan.fell_back_at, plan.fell_back_why = Mode.SHADOW, now, why
    _note(Fact.REVIEW_FELL_BACK, plan.campaign, operator, **why)
    looking.show_all(campaign=plan.campaign)
    return True


def _ask_to_look(campaign: Campaign, text: str) -> None:
    mailroom.open_task(
        where=mailroom.Everywhere(campaign.workspace_id, campaign.pk),
        kind=HumanTask.Kind.REVIEW,
        text=text,
        key=f"review:{campaign.pk}:{clock.now():%Y%m%d%H%M%S%f}",
    )


def _locked(campaign: Campaign) -> ReviewPlan:
    """The campaign's own, made where nobody has said anything yet."""
    ReviewPlan.objects.get_or_create(campaign=campaign, defaults={"workspace_id": campaign.workspace_id})
    return ReviewPlan.objects.select_for_update(of=("self",), no_key=True).get(campaign=campaign)


def _note(fact: Fact, campaign: Campaign, operator: Operator | None, **told: object) -> None:
    write(fact, campaign, told, campaign_id=campaign.pk, operator_id=operator.pk if operator else None)
