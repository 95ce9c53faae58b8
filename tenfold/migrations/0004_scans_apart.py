"""Scans get a table of their own, with tallies; doors can lease seats; seats lose indexes nobody asks."""

import django.db.models.deletion
import tenfold.base.keys
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tenfold', '0003_a_join_that_has_to_be_shown'),
    ]

    operations = [
        migrations.AlterField(
            model_name='seat',
            name='campaign',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.campaign'),
        ),
        migrations.AlterField(
            model_name='seat',
            name='workspace',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.workspace'),
        ),
        migrations.CreateModel(
            name='Scan',
            fields=[
                ('id', models.UUIDField(default=tenfold.base.keys.new_id, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('workspace_id', models.UUIDField()),
                ('campaign_id', models.UUIDField()),
                ('visitor_id', models.UUIDField()),
                ('group_id', models.UUIDField(null=True)),
                ('outcome', models.CharField(max_length=12)),
                ('is_first', models.BooleanField()),
                ('is_hold', models.BooleanField()),
                ('code', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='scans', to='tenfold.livecode')),
            ],
        ),
        migrations.CreateModel(
            name='ScanTally',
            fields=[
                ('id', models.UUIDField(default=tenfold.base.keys.new_id, editable=False, primary_key=True, serialize=False)),
                ('campaign_id', models.UUIDField()),
                ('source_id', models.UUIDField()),
                ('slot', models.PositiveSmallIntegerField()),
                ('scan_count', models.PositiveBigIntegerField(default=0)),
                ('visitor_count', models.PositiveBigIntegerField(default=0)),
            ],
            options={
                'indexes': [models.Index(fields=['campaign_id'], name='tally_campaign')],
                'constraints': [models.UniqueConstraint(fields=('source_id', 'slot'), name='tally_once')],
            },
        ),
        migrations.CreateModel(
            name='SeatLease',
            fields=[
                ('id', models.UUIDField(default=tenfold.base.keys.new_id, editable=False, primary_key=True, serialize=False)),
                ('holder', models.CharField(max_length=60)),
                ('seats', models.PositiveIntegerField()),
                ('used', models.PositiveIntegerField(default=0)),
                ('expires_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.campaign')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='leases', to='tenfold.group')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.workspace')),
            ],
        ),
        migrations.AddIndex(
            model_name='scan',
            index=models.Index(fields=['campaign_id', 'at'], name='scan_campaign_at'),
        ),
        migrations.AddConstraint(
            model_name='scan',
            constraint=models.UniqueConstraint(condition=models.Q(('is_first', True)), fields=('campaign_id', 'visitor_id'), name='scan_first_once'),
        ),
        migrations.AddIndex(
            model_name='seatlease',
            index=models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['expires_at'], name='lease_open'),
        ),
        migrations.AddConstraint(
            model_name='seatlease',
            constraint=models.CheckConstraint(condition=models.Q(('seats__gte', models.F('used'))), name='lease_never_oversold'),
        ),
    ]
