"""How a campaign reviews screenshots, what the machine sees in them, and what is needed to know one again."""

from typing import Any

import django.core.validators
import django.db.models.deletion
import tenfold.base.clock
import tenfold.base.keys
from django.conf import settings
from django.db import migrations, models

from tenfold.migrations._fields import AddFields


def rename_reason(apps: Any, _editor: Any) -> None:
    """The same reason by the name that says what is wrong. Facts of before keep the name they were told by."""
    apps.get_model("tenfold", "Proof").objects.filter(reason="not_public").update(reason="restricted_audience")


def name_it_back(apps: Any, _editor: Any) -> None:
    apps.get_model("tenfold", "Proof").objects.filter(reason="restricted_audience").update(reason="not_public")


class Migration(migrations.Migration):

    dependencies = [
        ('tenfold', '0011_renders_by_name'),
    ]

    operations = [
        migrations.CreateModel(
            name='Look',
            fields=[
                ('id', models.UUIDField(default=tenfold.base.keys.new_id, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('queued', 'To be looked at'), ('running', 'Being looked at'), ('done', 'Looked at'), ('unreadable', 'Could not be looked at')], default='queued', max_length=10)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('due_at', models.DateTimeField(default=tenfold.base.clock.now, null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, choices=[('', ''), ('pass', 'Approve'), ('fail', 'Do not approve'), ('ask', 'Ask a person')], default='', max_length=4)),
                ('reasons', models.JSONField(default=list)),
                ('doubts', models.JSONField(default=list)),
                ('found', models.JSONField(default=list)),
                ('findings', models.JSONField(default=dict)),
                ('belongs', models.JSONField(default=dict)),
                ('asked', models.JSONField(default=dict)),
                ('late', models.PositiveSmallIntegerField(default=0)),
                ('engine', models.CharField(blank=True, max_length=40)),
                ('spent_ms', models.PositiveIntegerField(default=0)),
                ('looked_at', models.DateTimeField(null=True)),
                ('is_applied', models.BooleanField(default=False)),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='looks', to='tenfold.campaign')),
                ('proof', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='look', to='tenfold.proof')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.workspace')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='look_due'), models.Index(condition=models.Q(('due_at__isnull', False)), fields=['campaign'], name='look_waiting'), models.Index(fields=['campaign', 'outcome'], name='look_outcome')],
            },
        ),
        migrations.CreateModel(
            name='OtherDevice',
            fields=[
                ('id', models.UUIDField(default=tenfold.base.keys.new_id, editable=False, primary_key=True, serialize=False)),
                ('visitor_id', models.UUIDField()),
                ('at', models.DateTimeField()),
                ('campaign', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.campaign')),
                ('journey', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='other_devices', to='tenfold.journey')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('journey', 'visitor_id'), name='other_device_once')],
            },
        ),
        migrations.CreateModel(
            name='ReviewPlan',
            fields=[
                ('id', models.UUIDField(default=tenfold.base.keys.new_id, editable=False, primary_key=True, serialize=False)),
                ('place', models.CharField(choices=[('shared', 'In Moments or in a group chat'), ('moments', 'In Moments'), ('group', 'In a group chat'), ('any', 'Anywhere, also the poster just opened on the phone')], default='shared', max_length=10, verbose_name='where it is posted')),
                ('needs_everyone', models.BooleanField(default=True, verbose_name='visible to everyone')),
                ('oldest_hours', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(8784)], verbose_name='oldest post, in hours')),
                ('needs_caption', models.CharField(blank=True, max_length=120, verbose_name='words to post with it')),
                ('needs_name', models.BooleanField(default=False, verbose_name='their own name above the post')),
                ('opened_by', models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(50)], verbose_name='other phones that opened the code')),
                ('mode', models.CharField(choices=[('off', 'People review everything'), ('shadow', 'The machine looks too, people decide'), ('automatic', 'The machine decides where it is sure')], default='shadow', max_length=10)),
                ('automatic_at', models.DateTimeField(null=True)),
                ('automatic_engine', models.CharField(blank=True, max_length=40)),
                ('fell_back_at', models.DateTimeField(null=True)),
                ('fell_back_why', models.JSONField(default=dict)),
                ('asked_at', models.DateTimeField(null=True)),
                ('sample_percent', models.PositiveSmallIntegerField(default=5, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)], verbose_name="of the machine's verdicts a person looks at again, percent")),
                ('bound_percent', models.PositiveSmallIntegerField(default=2, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(50)], verbose_name='disagreement at which people take over again, percent')),
                ('second_percent', models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(100)], verbose_name="of people's verdicts a second person looks at, percent")),
                ('keep_days', models.PositiveSmallIntegerField(default=90, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(3650)], verbose_name='days that screenshots are kept')),
                ('appeals', models.BooleanField(default=True, verbose_name='participants may appeal once')),
                ('opened_mark', models.DateTimeField(null=True)),
                ('opened_mark_id', models.UUIDField(null=True)),
                ('automatic_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('campaign', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='review_plan', to='tenfold.campaign')),
                ('example', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tenfold.picture')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.workspace')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='SecondLook',
            fields=[
                ('id', models.UUIDField(default=tenfold.base.keys.new_id, editable=False, primary_key=True, serialize=False)),
                ('of', models.CharField(choices=[('machine', "The machine's verdict"), ('person', "A person's verdict")], max_length=10)),
                ('first_state', models.CharField(choices=[('waiting', 'Waiting'), ('approved', 'Approved'), ('rejected', 'Not approved'), ('withdrawn', 'Replaced by a newer one')], max_length=10)),
                ('first_reason', models.CharField(blank=True, choices=[('', ''), ('no_poster', 'The poster is not to be seen. Forward the poster and take the screenshot again.'), ('wrong_code', 'This is not your own poster. Save yours from your page and forward that one.'), ('wrong_person', "This poster carries somebody else's code. Save your own from your page and forward that one."), ('not_a_screenshot', 'This is the poster itself. Forward it, then take a screenshot of where it was posted.'), ('too_old', 'The post is too old. Forward the poster again and take a new screenshot.'), ('restricted_audience', 'The post is visible to some people only. Make it visible to everyone.'), ('wrong_caption', 'The words to post with the poster are missing. Post it again with them.'), ('not_yet', 'It was taken before the post went out. Wait for the post to appear, then take it.'), ('unreadable', 'The picture is too small or blurred. Send the original screenshot.'), ('already_used', 'This screenshot was sent before. Take a new one.'), ('other', "See the reviewer's note.")], max_length=20)),
                ('asked_at', models.DateTimeField(default=tenfold.base.clock.now)),
                ('reserved_until', models.DateTimeField(null=True)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('approved', 'Approved'), ('rejected', 'Not approved'), ('withdrawn', 'Replaced by a newer one')], default='waiting', max_length=10)),
                ('reason', models.CharField(blank=True, choices=[('', ''), ('no_poster', 'The poster is not to be seen. Forward the poster and take the screenshot again.'), ('wrong_code', 'This is not your own poster. Save yours from your page and forward that one.'), ('wrong_person', "This poster carries somebody else's code. Save your own from your page and forward that one."), ('not_a_screenshot', 'This is the poster itself. Forward it, then take a screenshot of where it was posted.'), ('too_old', 'The post is too old. Forward the poster again and take a new screenshot.'), ('restricted_audience', 'The post is visible to some people only. Make it visible to everyone.'), ('wrong_caption', 'The words to post with the poster are missing. Post it again with them.'), ('not_yet', 'It was taken before the post went out. Wait for the post to appear, then take it.'), ('unreadable', 'The picture is too small or blurred. Send the original screenshot.'), ('already_used', 'This screenshot was sent before. Take a new one.'), ('other', "See the reviewer's note.")], max_length=20)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('looked_at', models.DateTimeField(null=True)),
                ('agrees', models.BooleanField(null=True)),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='second_looks', to='tenfold.campaign')),
                ('first_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('looked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proof', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='second_looks', to='tenfold.proof')),
                ('reserved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.workspace')),
            ],
            options={
                'indexes': [models.Index(fields=['campaign', 'of', 'state'], name='second_look_of')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('proof',), name='one_second_look_waits')],
            },
        ),
        migrations.CreateModel(
            name='Shot',
            fields=[
                ('id', models.UUIDField(default=tenfold.base.keys.new_id, editable=False, primary_key=True, serialize=False)),
                ('fingerprint', models.BinaryField(default=b'')),
                ('near_0', models.BigIntegerField(null=True)),
                ('near_1', models.BigIntegerField(null=True)),
                ('near_2', models.BigIntegerField(null=True)),
                ('near_3', models.BigIntegerField(null=True)),
                ('has_own_code', models.BooleanField(default=False)),
                ('kept_at', models.DateTimeField(default=tenfold.base.clock.now)),
                ('likeness', models.CharField(blank=True, max_length=14)),
                ('share', models.FloatField(null=True)),
                ('changed', models.JSONField(default=list)),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.campaign')),
                ('first', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tenfold.shot')),
                ('journey', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shots', to='tenfold.journey')),
                ('proof', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='shot', to='tenfold.proof')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.workspace')),
            ],
            options={
                'indexes': [models.Index(fields=['workspace', 'near_0', 'id'], name='shot_near_0'), models.Index(fields=['workspace', 'near_1', 'id'], name='shot_near_1'), models.Index(fields=['workspace', 'near_2', 'id'], name='shot_near_2'), models.Index(fields=['workspace', 'near_3', 'id'], name='shot_near_3')],
            },
        ),
        migrations.AddField(
            model_name='picture',
            name='erased_at',
            field=models.DateTimeField(null=True),
        ),
        AddFields(
            model_name='proof',
            fields=[
                ('alike_key', models.CharField(blank=True, max_length=64)),
                ('appeal_text', models.CharField(blank=True, max_length=300)),
                ('appealed_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name='proof',
            name='appealed_judge',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        AddFields(
            model_name='proof',
            fields=[
                ('appealed_reason', models.CharField(blank=True, choices=[('', ''), ('no_poster', 'The poster is not to be seen. Forward the poster and take the screenshot again.'), ('wrong_code', 'This is not your own poster. Save yours from your page and forward that one.'), ('wrong_person', "This poster carries somebody else's code. Save your own from your page and forward that one."), ('not_a_screenshot', 'This is the poster itself. Forward it, then take a screenshot of where it was posted.'), ('too_old', 'The post is too old. Forward the poster again and take a new screenshot.'), ('restricted_audience', 'The post is visible to some people only. Make it visible to everyone.'), ('wrong_caption', 'The words to post with the poster are missing. Post it again with them.'), ('not_yet', 'It was taken before the post went out. Wait for the post to appear, then take it.'), ('unreadable', 'The picture is too small or blurred. Send the original screenshot.'), ('already_used', 'This screenshot was sent before. Take a new one.'), ('other', "See the reviewer's note.")], default='', max_length=20)),
                ('batch_id', models.UUIDField(null=True)),
                ('erased_at', models.DateTimeField(null=True)),
                ('is_machine', models.BooleanField(default=False)),
                ('people_at', models.DateTimeField(default=tenfold.base.clock.now)),
            ],
        ),
        migrations.AddField(
            model_name='proof',
            name='reserved_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        AddFields(
            model_name='proof',
            fields=[
                ('reserved_until', models.DateTimeField(null=True)),
                ('settles', models.PositiveSmallIntegerField(default=1)),
            ],
        ),
        migrations.AlterField(
            model_name='humantask',
            name='kind',
            field=models.CharField(choices=[('say', 'Post this in the group'), ('remove', 'Remove this member'), ('renew_qr', 'Upload a fresh group QR code'), ('count', 'Count the members'), ('group_filling', 'Add a group: this one is nearly full'), ('restock', 'Add to the stock'), ('review', "Review by hand again: the machine's verdicts were not good enough")], max_length=20),
        ),
        migrations.AlterField(
            model_name='proof',
            name='reason',
            field=models.CharField(blank=True, choices=[('', ''), ('no_poster', 'The poster is not to be seen. Forward the poster and take the screenshot again.'), ('wrong_code', 'This is not your own poster. Save yours from your page and forward that one.'), ('wrong_person', "This poster carries somebody else's code. Save your own from your page and forward that one."), ('not_a_screenshot', 'This is the poster itself. Forward it, then take a screenshot of where it was posted.'), ('too_old', 'The post is too old. Forward the poster again and take a new screenshot.'), ('restricted_audience', 'The post is visible to some people only. Make it visible to everyone.'), ('wrong_caption', 'The words to post with the poster are missing. Post it again with them.'), ('not_yet', 'It was taken before the post went out. Wait for the post to appear, then take it.'), ('unreadable', 'The picture is too small or blurred. Send the original screenshot.'), ('already_used', 'This screenshot was sent before. Take a new one.'), ('other', "See the reviewer's note.")], default='', max_length=20),
        ),
        migrations.AddIndex(
            model_name='proof',
            index=models.Index(fields=['campaign', 'judged_at'], name='proof_judged'),
        ),
        migrations.AddIndex(
            model_name='proof',
            index=models.Index(condition=models.Q(('erased_at__isnull', True), ('settled_at__isnull', False)), fields=['campaign', 'settled_at'], name='proof_to_erase'),
        ),
        migrations.AddIndex(
            model_name='proof',
            index=models.Index(condition=models.Q(('erased_at__isnull', True), ('state', 'withdrawn')), fields=['campaign', 'sent_at'], name='proof_withdrawn_kept'),
        ),
        migrations.RunPython(rename_reason, name_it_back, elidable=True),
    ]
