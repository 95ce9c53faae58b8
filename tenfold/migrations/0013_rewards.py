"""Rewards become a catalogue with rules and a ledger. What there was goes on as it did: the one reward of a campaign is
given by a rule for doing the task, and what was earned, what is owed and who counts stands in the ledger."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import django.core.validators
import django.db.models.deletion
import tenfold.base.clock
import tenfold.base.keys
from django.conf import settings
from django.db import migrations, models
from django.db.models import Case, F, Value, When

from tenfold.migrations._fields import AddFields

AT_ONCE = 1000


def move(apps: Any, editor: Any) -> None:
    for reward in apps.get_model("tenfold", "Reward").objects.order_by("pk").iterator():
        _give_by_rule(apps, reward)
    credits = apps.get_model("tenfold", "Credit").objects.filter(state="valid")
    _keep(apps, "LedgerRow", (_counted(apps, credit) for credit in credits.order_by("pk").iterator(AT_ONCE)))
    credits.update(turn_count=1)
    if editor.connection.vendor == "postgresql":
        editor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or the tables could not be altered any more


def _give_by_rule(apps: Any, reward: Any) -> None:
    grants = apps.get_model("tenfold", "Grant").objects.filter(reward=reward)
    of = {"workspace_id": reward.workspace_id, "campaign_id": reward.campaign_id}
    rule = apps.get_model("tenfold", "RewardRule").objects.create(
        when="task", reward=reward, used_count=reward.granted_count, **of
    )
    state = Case(When(redeemed_at=None, then=Value("claimed")), default=Value("redeemed"))
    grants.update(rule=rule, line=rule.line, claimed_at=F("granted_at"), state=state)
    rows = (_granted(apps, grant, rule) for grant in grants.order_by("pk").iterator(AT_ONCE))
    _keep(apps, "LedgerRow", rows)
    owed = apps.get_model("tenfold", "Journey").objects.filter(
        campaign=reward.campaign_id, approved_at__isnull=False, rewarded_at=None
    )
    debt = apps.get_model("tenfold", "Debt")
    found = owed.order_by("approved_at", "pk").values_list("pk", "approved_at").iterator(AT_ONCE)
    _keep(apps, "Debt", (debt(journey_id=key, line=rule.line, since=since, **of) for key, since in found))


def _granted(apps: Any, grant: Any, rule: Any) -> Any:
    return apps.get_model("tenfold", "LedgerRow")(
        workspace_id=grant.workspace_id,
        campaign_id=grant.campaign_id,
        journey_id=grant.journey_id,
        at=grant.granted_at,
        unit="item",
        amount=1,
        reason="granted",
        key=f"grant:{grant.pk}",
        line=rule.line,
        rule=rule,
        reward_id=grant.reward_id,
        grant=grant,
    )


def _counted(apps: Any, credit: Any) -> Any:
    return apps.get_model("tenfold", "LedgerRow")(
        workspace_id=credit.workspace_id,
        campaign_id=credit.campaign_id,
        journey_id=credit.inviter_id,
        at=credit.created_at,
        unit="invite",
        amount=1,
        reason="counted",
        key=f"credit:{credit.pk}:1",
        level=1,
        newcomer_id=credit.newcomer_id,
    )


def _keep(apps: Any, model: str, rows: Iterable[Any]) -> None:
    left: Iterator[Any] = iter(rows)
    while batch := list(islice(left, AT_ONCE)):
        apps.get_model("tenfold", model).objects.bulk_create(batch)


class Migration(migrations.Migration):

    dependencies = [
        ('tenfold', '0012_review'),
    ]

    operations = [
        AddFields(
            model_name='campaign',
            fields=[
                ('board', models.CharField(choices=[('off', 'nobody'), ('members', 'participants'), ('public', 'everybody')], default='off', max_length=10, verbose_name='who sees the leaderboard')),
                ('board_names', models.CharField(choices=[('full', 'The whole name'), ('first', 'The first character only'), ('hidden', 'No name')], default='first', max_length=10, verbose_name='names on the leaderboard')),
                ('currency', models.CharField(default='CNY', max_length=3, verbose_name='currency')),
                ('ending_due_at', models.DateTimeField(null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('stay_hours', models.PositiveIntegerField(default=24, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(8784)], verbose_name='hours a newcomer has to stay to count')),
            ],
        ),
        AddFields(
            model_name='credit',
            fields=[
                ('due_at', models.DateTimeField(null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('ordered_at', models.DateTimeField(null=True)),
                ('turn_count', models.PositiveIntegerField(default=0)),
            ],
        ),
        AddFields(
            model_name='grant',
            fields=[
                ('address', models.JSONField(null=True)),
                ('claim_until', models.DateTimeField(null=True)),
                ('claimed_at', models.DateTimeField(null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('line', models.UUIDField(null=True)),
                ('nth', models.PositiveIntegerField(default=0)),
                ('shipped_at', models.DateTimeField(null=True)),
                ('state', models.CharField(choices=[('offered', 'To be claimed'), ('claimed', 'Theirs'), ('redeemed', 'Redeemed'), ('expired', 'Not claimed in time')], default='claimed', max_length=10)),
                ('tracking', models.CharField(blank=True, max_length=80)),
                ('was_fallback', models.BooleanField(default=False)),
            ],
        ),
        AddFields(
            model_name='journey',
            fields=[
                ('attendance_count', models.PositiveIntegerField(default=0)),
                ('board_count', models.PositiveIntegerField(default=0)),
                ('counted_seq', models.PositiveBigIntegerField(default=0)),
                ('device_key', models.CharField(blank=True, max_length=64)),
                ('progress_at', models.DateTimeField(null=True)),
                ('progress_from', models.PositiveIntegerField(default=0)),
            ],
        ),
        AddFields(
            model_name='person',
            fields=[
                ('block_note', models.CharField(blank=True, max_length=200, verbose_name='why')),
                ('blocked_at', models.DateTimeField(null=True)),
            ],
        ),
        AddFields(
            model_name='reward',
            fields=[
                ('amount', models.PositiveBigIntegerField(default=0, verbose_name='amount')),
                ('claim_hours', models.PositiveIntegerField(blank=True, null=True, verbose_name='hours to claim it')),
                ('made_at', models.DateTimeField(default=tenfold.base.clock.now)),
                ('position', models.PositiveIntegerField(default=0)),
                ('state', models.CharField(choices=[('active', 'In use'), ('retired', 'Put away')], default='active', max_length=10)),
                ('warn_below', models.PositiveIntegerField(blank=True, null=True, verbose_name='warn when fewer are left')),
            ],
        ),
        AddFields(
            model_name='stockcode',
            fields=[
                ('added_at', models.DateTimeField(default=tenfold.base.clock.now)),
                ('batch_id', models.UUIDField(null=True)),
            ],
        ),
        migrations.AlterField(
            model_name='campaign',
            name='credit_when',
            field=models.CharField(choices=[('joined', 'the newcomer has joined'), ('approved', "the newcomer's own screenshot is approved"), ('stayed', 'the newcomer has stayed long enough'), ('ordered', 'the newcomer has ordered something')], default='joined', max_length=10, verbose_name='an invite counts when'),
        ),
        migrations.AlterField(
            model_name='credit',
            name='reason',
            field=models.CharField(blank=True, choices=[('', ''), ('self_invite', 'this is your own code'), ('loop', 'they stand above you in the same chain'), ('already_in', 'they were already in the campaign'), ('left', 'they left too soon'), ('removed', 'they were removed'), ('same_device', 'somebody else took part with the same phone'), ('blocked', 'they were excluded from the campaign'), ('over', 'the campaign was over before they counted')], default='', max_length=20),
        ),
        migrations.AlterField(
            model_name='humantask',
            name='kind',
            field=models.CharField(choices=[('say', 'Post this in the group'), ('remove', 'Remove this member'), ('renew_qr', 'Upload a fresh group QR code'), ('count', 'Count the members'), ('group_filling', 'Add a group: this one is nearly full'), ('restock', 'Add to the stock'), ('stock_low', 'Few are left: add to the stock'), ('budget_out', 'A rule has stopped: as much as planned was given'), ('draw', 'Type the public value and draw'), ('review', "Review by hand again: the machine's verdicts were not good enough")], max_length=20),
        ),
        migrations.AlterField(
            model_name='journey',
            name='valid_count',
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='reward',
            name='kind',
            field=models.CharField(choices=[('codes', 'A code from a stock'), ('text', 'A text'), ('link', 'A link'), ('file', 'A file'), ('keepsake', 'A ticket, letter or certificate'), ('physical', 'Something that is sent'), ('money', 'Money'), ('points', 'Points')], default='text', max_length=10, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='words',
            name='moment',
            field=models.CharField(choices=[('join', 'Welcome'), ('task', 'The task'), ('remind', 'Reminder'), ('approve', 'Approved'), ('reject', 'Not approved'), ('reward', 'Reward'), ('warn', 'Warning'), ('remove', 'Removal'), ('progress', 'A friend counts'), ('repeat', 'Scanned again'), ('full', 'In line'), ('end', 'The end')], max_length=10),
        ),
        migrations.AddIndex(
            model_name='campaign',
            index=models.Index(condition=models.Q(('ending_due_at__isnull', False)), fields=['ending_due_at'], name='campaign_ending'),
        ),
        migrations.AddIndex(
            model_name='credit',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='credit_due'),
        ),
        migrations.AddIndex(
            model_name='journey',
            index=models.Index(fields=['campaign', '-board_count', 'counted_seq'], name='journey_board'),
        ),
        migrations.AddIndex(
            model_name='journey',
            index=models.Index(condition=models.Q(('device_key', ''), _negated=True), fields=['campaign', 'device_key'], name='journey_device'),
        ),
        migrations.AddIndex(
            model_name='stockcode',
            index=models.Index(fields=['reward', 'batch_id'], name='stock_batch'),
        ),
        migrations.AddField(
            model_name='edition',
            name='reward',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='edition', to='tenfold.reward'),
        ),
        migrations.AddField(
            model_name='grant',
            name='shipped_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='person',
            name='blocked_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='grant',
            name='journey',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='grants', to='tenfold.journey'),
        ),
        migrations.AlterField(
            model_name='reward',
            name='campaign',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rewards', to='tenfold.campaign'),
        ),
        migrations.CreateModel(
            name='Attendance',
            fields=[
                ('id', models.UUIDField(default=tenfold.base.keys.new_id, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('text', models.CharField(blank=True, max_length=500)),
                ('at', models.DateTimeField(default=tenfold.base.clock.now)),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attendances', to='tenfold.campaign')),
                ('journey', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='attendances', to='tenfold.journey')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.workspace')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('journey', 'day'), name='attendance_once')],
            },
        ),
        migrations.CreateModel(
            name='Balance',
            fields=[
                ('id', models.UUIDField(default=tenfold.base.keys.new_id, editable=False, primary_key=True, serialize=False)),
                ('unit', models.CharField(choices=[('invite', 'Friends who count'), ('points', 'Points'), ('money', 'Money'), ('item', 'Rewards')], max_length=10)),
                ('amount', models.BigIntegerField(default=0)),
                ('campaign', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='balances', to='tenfold.campaign')),
                ('journey', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='balances', to='tenfold.journey')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.workspace')),
            ],
            options={
                'indexes': [models.Index(fields=['campaign', 'unit', 'amount'], name='balance_of_unit')],
                'constraints': [models.UniqueConstraint(fields=('journey', 'unit'), name='balance_once')],
            },
        ),
        migrations.CreateModel(
            name='Debt',
            fields=[
                ('id', models.UUIDField(default=tenfold.base.keys.new_id, editable=False, primary_key=True, serialize=False)),
                ('line', models.UUIDField()),
                ('nth', models.PositiveIntegerField(default=0)),
                ('since', models.DateTimeField(default=tenfold.base.clock.now)),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='debts', to='tenfold.campaign')),
                ('journey', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='debts', to='tenfold.journey')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.workspace')),
            ],
            options={
                'indexes': [models.Index(fields=['line', 'since'], name='debt_oldest')],
                'constraints': [models.UniqueConstraint(fields=('journey', 'line', 'nth'), name='debt_once')],
            },
        ),
        migrations.CreateModel(
            name='Draw',
            fields=[
                ('id', models.UUIDField(default=tenfold.base.keys.new_id, editable=False, primary_key=True, serialize=False)),
                ('line', models.UUIDField(unique=True)),
                ('commitment', models.CharField(max_length=64)),
                ('secret', models.CharField(max_length=64)),
                ('public_source', models.CharField(blank=True, max_length=200)),
                ('public_text', models.CharField(blank=True, max_length=200)),
                ('entrants_count', models.PositiveIntegerField(default=0)),
                ('entrants_hash', models.CharField(blank=True, max_length=64)),
                ('made_at', models.DateTimeField(default=tenfold.base.clock.now)),
                ('drawn_at', models.DateTimeField(null=True)),
                ('winners', models.JSONField(default=list)),
                ('winners_count', models.PositiveIntegerField(default=0)),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='draws', to='tenfold.campaign')),
                ('drawn_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.workspace')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='DrawEntry',
            fields=[
                ('id', models.UUIDField(default=tenfold.base.keys.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('draw', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='tenfold.draw')),
                ('journey', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='draw_entries', to='tenfold.journey')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.workspace')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('draw', 'number'), name='draw_number_once'), models.UniqueConstraint(fields=('draw', 'journey'), name='draw_entry_once')],
            },
        ),
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.UUIDField(default=tenfold.base.keys.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=64)),
                ('amount', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('placed_at', models.DateTimeField()),
                ('refunded_at', models.DateTimeField(null=True)),
                ('source', models.CharField(choices=[('csv', 'From a file'), ('form', 'Typed in'), ('api', 'Told by another system')], max_length=4)),
                ('recorded_at', models.DateTimeField(default=tenfold.base.clock.now)),
                ('buyer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='orders', to='tenfold.journey')),
                ('campaign', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='orders', to='tenfold.campaign')),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('seller', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='sales', to='tenfold.journey')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.workspace')),
            ],
            options={
                'indexes': [models.Index(fields=['campaign', '-placed_at'], name='order_newest')],
                'constraints': [models.UniqueConstraint(fields=('campaign', 'number'), name='order_once'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='order_of_something')],
            },
        ),
        migrations.CreateModel(
            name='Payout',
            fields=[
                ('id', models.UUIDField(default=tenfold.base.keys.new_id, editable=False, primary_key=True, serialize=False)),
                ('currency', models.CharField(max_length=3)),
                ('total', models.BigIntegerField(default=0)),
                ('people_count', models.PositiveIntegerField(default=0)),
                ('state', models.CharField(choices=[('exported', 'Exported'), ('paid', 'Paid'), ('cancelled', 'Cancelled')], default='exported', max_length=10)),
                ('made_at', models.DateTimeField(default=tenfold.base.clock.now)),
                ('closed_at', models.DateTimeField(null=True)),
                ('campaign', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='payouts', to='tenfold.campaign')),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.workspace')),
            ],
            options={
                'indexes': [models.Index(fields=['campaign', '-made_at'], name='payout_newest')],
            },
        ),
        migrations.CreateModel(
            name='RewardFile',
            fields=[
                ('id', models.UUIDField(default=tenfold.base.keys.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120)),
                ('media_type', models.CharField(max_length=40)),
                ('content', models.BinaryField()),
                ('size', models.PositiveIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('added_at', models.DateTimeField(default=tenfold.base.clock.now)),
                ('reward', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='file', to='tenfold.reward')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.workspace')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='RewardRule',
            fields=[
                ('id', models.UUIDField(default=tenfold.base.keys.new_id, editable=False, primary_key=True, serialize=False)),
                ('line', models.UUIDField(default=tenfold.base.keys.new_id)),
                ('version', models.PositiveIntegerField(default=1)),
                ('when', models.CharField(choices=[('task', 'for doing the task'), ('invites', 'for so many friends'), ('joined', "for joining by a friend's code"), ('attendance', 'for so many days of taking part'), ('rank', 'for a place on the leaderboard at the end'), ('lottery', 'by a draw at the end'), ('invite', 'an amount for each friend'), ('order', 'a share of each order')], max_length=10)),
                ('need', models.PositiveIntegerField(default=0)),
                ('rank_from', models.PositiveIntegerField(default=0)),
                ('rank_to', models.PositiveIntegerField(default=0)),
                ('winners', models.PositiveIntegerField(default=0)),
                ('direct', models.PositiveBigIntegerField(default=0)),
                ('second', models.PositiveBigIntegerField(default=0)),
                ('unit', models.CharField(blank=True, choices=[('', ''), ('points', 'Points'), ('money', 'Money')], default='', max_length=10)),
                ('person_cap', models.PositiveIntegerField(null=True)),
                ('campaign_cap', models.PositiveIntegerField(null=True)),
                ('budget', models.PositiveBigIntegerField(null=True)),
                ('used_count', models.PositiveIntegerField(default=0)),
                ('spent', models.PositiveBigIntegerField(default=0)),
                ('made_at', models.DateTimeField(default=tenfold.base.clock.now)),
                ('replaced_at', models.DateTimeField(null=True)),
                ('stopped_at', models.DateTimeField(null=True)),
                ('stop', models.CharField(blank=True, choices=[('', ''), ('operator', 'stopped by hand'), ('cap', 'as many as planned were given'), ('budget', 'the budget is used up')], default='', max_length=10)),
                ('due_at', models.DateTimeField(null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('swept_to', models.UUIDField(null=True)),
                ('settled_at', models.DateTimeField(null=True)),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reward_rules', to='tenfold.campaign')),
                ('fallback', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenfold.reward')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reward', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='rules', to='tenfold.reward')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.workspace')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='rule_due')],
                'constraints': [models.UniqueConstraint(fields=('line', 'version'), name='rule_version_once'), models.UniqueConstraint(condition=models.Q(('replaced_at__isnull', True)), fields=('line',), name='rule_one_holds'), models.CheckConstraint(condition=models.Q(('budget__isnull', True), ('budget__gte', models.F('spent')), _connector='OR'), name='rule_within_budget'), models.CheckConstraint(condition=models.Q(('campaign_cap__isnull', True), ('campaign_cap__gte', models.F('used_count')), _connector='OR'), name='rule_within_cap')],
            },
        ),
        migrations.CreateModel(
            name='Standing',
            fields=[
                ('id', models.UUIDField(default=tenfold.base.keys.new_id, editable=False, primary_key=True, serialize=False)),
                ('valid_count', models.PositiveIntegerField()),
                ('block', models.PositiveIntegerField()),
                ('given_count', models.PositiveIntegerField(default=0)),
                ('people_count', models.PositiveIntegerField(default=0)),
                ('campaign', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='standings', to='tenfold.campaign')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.workspace')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('campaign', 'valid_count', 'block'), name='standing_once')],
            },
        ),
        migrations.CreateModel(
            name='LedgerRow',
            fields=[
                ('id', models.UUIDField(default=tenfold.base.keys.new_id, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(default=tenfold.base.clock.now)),
                ('unit', models.CharField(choices=[('invite', 'Friends who count'), ('points', 'Points'), ('money', 'Money'), ('item', 'Rewards')], max_length=10)),
                ('amount', models.BigIntegerField()),
                ('reason', models.CharField(choices=[('counted', 'a friend counts'), ('uncounted', 'a friend no longer counts'), ('granted', 'earned'), ('expired', 'not claimed in time'), ('adjusted', 'changed by hand'), ('invite_paid', 'for a friend'), ('invite_taken_back', 'taken back: the friend no longer counts'), ('order_paid', 'for an order'), ('order_taken_back', 'taken back: the order was refunded'), ('order_gave_way', 'taken back: an earlier order counts again in its place'), ('paid_out', 'paid out'), ('payout_cancelled', 'back on the balance: the payout was cancelled')], max_length=20)),
                ('key', models.CharField(max_length=120, unique=True)),
                ('level', models.PositiveSmallIntegerField(default=0)),
                ('line', models.UUIDField(null=True)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('campaign', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='ledger', to='tenfold.campaign')),
                ('grant', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='ledger', to='tenfold.grant')),
                ('journey', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='ledger', to='tenfold.journey')),
                ('newcomer', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tenfold.journey')),
                ('operator', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reward', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tenfold.reward')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.workspace')),
                ('order', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='ledger', to='tenfold.order')),
                ('payout', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='rows', to='tenfold.payout')),
                ('rule', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tenfold.rewardrule')),
            ],
            options={
                'indexes': [models.Index(fields=['journey', '-at'], name='ledger_of_journey'), models.Index(fields=['campaign', '-at'], name='ledger_newest'), models.Index(fields=['campaign', 'unit', '-at'], name='ledger_of_unit'), models.Index(condition=models.Q(('line__isnull', False)), fields=['line', 'journey'], name='ledger_line'), models.Index(condition=models.Q(('newcomer__isnull', False)), fields=['newcomer', 'line'], name='ledger_newcomer'), models.Index(condition=models.Q(('grant__isnull', False)), fields=['grant'], name='ledger_grant'), models.Index(condition=models.Q(('order__isnull', False)), fields=['order'], name='ledger_order'), models.Index(condition=models.Q(('payout__isnull', False)), fields=['payout'], name='ledger_payout')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='ledger_of_something')],
            },
        ),
        migrations.AddField(
            model_name='grant',
            name='rule',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='tenfold.rewardrule'),
        ),
        migrations.AddIndex(
            model_name='grant',
            index=models.Index(condition=models.Q(('state', 'offered')), fields=['claim_until'], name='grant_unclaimed'),
        ),
        migrations.RunPython(move, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name='grant',
            name='line',
            field=models.UUIDField(),
        ),
        migrations.AlterField(
            model_name='grant',
            name='rule',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='tenfold.rewardrule'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.UniqueConstraint(fields=('journey', 'line', 'nth'), name='grant_once'),
        ),
    ]
