"""Designs of posters and keepsakes with their versions, pictures and bulk renders; where a platform keeps a face."""

import django.db.models.deletion
import tenfold.base.clock
import tenfold.base.keys
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tenfold', '0008_seats_with_fewer_indexes'),
    ]

    operations = [
        migrations.CreateModel(
            name='DesignVersion',
            fields=[
                ('id', models.UUIDField(default=tenfold.base.keys.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('content', models.JSONField()),
                ('code', models.JSONField(default=dict)),
                ('checks', models.JSONField(default=list)),
                ('created_at', models.DateTimeField(default=tenfold.base.clock.now)),
                ('operator', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.workspace')),
            ],
        ),
        migrations.CreateModel(
            name='PosterDesign',
            fields=[
                ('id', models.UUIDField(default=tenfold.base.keys.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('poster', 'Poster'), ('distribution', 'Distribution poster'), ('invitation', 'Invitation letter'), ('admission', 'Admission letter'), ('ticket', 'Ticket'), ('achievement', 'Achievement card'), ('award', 'Award'), ('certificate', 'Completion certificate')], max_length=12)),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('variant', models.CharField(blank=True, choices=[('', 'Not in use'), ('A', 'Variant A'), ('B', 'Variant B')], default='', max_length=1)),
                ('created_at', models.DateTimeField(default=tenfold.base.clock.now)),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='designs', to='tenfold.campaign')),
                ('shown', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tenfold.designversion')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.workspace')),
            ],
        ),
        migrations.AddField(
            model_name='designversion',
            name='design',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='tenfold.posterdesign'),
        ),
        migrations.CreateModel(
            name='RenderRun',
            fields=[
                ('id', models.UUIDField(default=tenfold.base.keys.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('poster', 'Poster'), ('distribution', 'Distribution poster'), ('invitation', 'Invitation letter'), ('admission', 'Admission letter'), ('ticket', 'Ticket'), ('achievement', 'Achievement card'), ('award', 'Award'), ('certificate', 'Completion certificate')], max_length=12)),
                ('language', models.CharField(blank=True, choices=[('en', 'English'), ('zh-hans', '简体中文')], max_length=10)),
                ('edition_id', models.UUIDField(null=True)),
                ('versions', models.JSONField(default=dict)),
                ('state', models.CharField(choices=[('running', 'Being made'), ('done', 'Ready'), ('cancelled', 'Cancelled'), ('failed', 'Failed')], default='running', max_length=10)),
                ('total_count', models.PositiveIntegerField(default=0)),
                ('done_count', models.PositiveIntegerField(default=0)),
                ('part_count', models.PositiveIntegerField(default=0)),
                ('after', models.UUIDField(null=True)),
                ('why', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField(default=tenfold.base.clock.now)),
                ('finished_at', models.DateTimeField(null=True)),
                ('due_at', models.DateTimeField(default=tenfold.base.clock.now)),
                ('lease_until', models.DateTimeField(null=True)),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='renders', to='tenfold.campaign')),
                ('operator', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.workspace')),
            ],
        ),
        migrations.CreateModel(
            name='AvatarSource',
            fields=[
                ('id', models.UUIDField(default=tenfold.base.keys.new_id, editable=False, primary_key=True, serialize=False)),
                ('address', models.CharField(max_length=500)),
                ('due_at', models.DateTimeField(null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('try_count', models.PositiveIntegerField(default=0)),
                ('why', models.CharField(blank=True, max_length=40)),
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='avatar_source', to='tenfold.person')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.workspace')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='avatar_due')],
            },
        ),
        migrations.CreateModel(
            name='DesignPicture',
            fields=[
                ('id', models.UUIDField(default=tenfold.base.keys.new_id, editable=False, primary_key=True, serialize=False)),
                ('sha256', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField(default=tenfold.base.clock.now)),
                ('picture', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.picture')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.workspace')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('workspace', 'sha256'), name='design_picture_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='posterdesign',
            constraint=models.UniqueConstraint(condition=models.Q(('variant', ''), _negated=True), fields=('campaign', 'kind', 'variant'), name='design_variant_once'),
        ),
        migrations.AddConstraint(
            model_name='designversion',
            constraint=models.UniqueConstraint(fields=('design', 'number'), name='design_version_once'),
        ),
        migrations.AddIndex(
            model_name='renderrun',
            index=models.Index(condition=models.Q(('state', 'running')), fields=['due_at'], name='render_due'),
        ),
    ]
