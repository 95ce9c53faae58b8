"""Editions of keepsakes: certificates, letters, tickets, cards and awards with numbers of their own."""

import django.db.models.deletion
import tenfold.base.clock
import tenfold.base.keys
import tenfold.keepsakes.models
import tenfold.keepsakes.rules
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tenfold', '0009_designs'),
    ]

    operations = [
        migrations.CreateModel(
            name='Edition',
            fields=[
                ('id', models.UUIDField(default=tenfold.base.keys.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('certificate', 'Certificate'), ('invitation', 'Invitation letter'), ('admission', 'Admission letter'), ('ticket', 'Ticket'), ('achievement', 'Achievement card'), ('award', 'Award')], max_length=12, verbose_name='kind')),
                ('name', models.CharField(max_length=80, verbose_name='what it is for')),
                ('valid_from', models.DateTimeField(blank=True, null=True, verbose_name='valid from')),
                ('valid_until', models.DateTimeField(blank=True, null=True, verbose_name='valid until')),
                ('created_at', models.DateTimeField(default=tenfold.base.clock.now)),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='editions', to='tenfold.campaign')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.workspace')),
            ],
        ),
        migrations.CreateModel(
            name='Keepsake',
            fields=[
                ('id', models.UUIDField(default=tenfold.base.keys.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(default=tenfold.keepsakes.rules.new_number, max_length=17, unique=True)),
                ('name', models.CharField(blank=True, max_length=40, verbose_name='name on it')),
                ('shown', models.CharField(choices=[('full', 'The whole name'), ('first', 'The first character only'), ('hidden', 'No name')], default='first', max_length=10)),
                ('issued_at', models.DateTimeField(default=tenfold.base.clock.now)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('revoke_reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                ('checked_in_at', models.DateTimeField(null=True)),
                ('gate', models.CharField(blank=True, max_length=40, verbose_name='gate')),
                ('check_in_key', models.UUIDField(null=True)),
                ('campaign', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='keepsakes', to='tenfold.campaign')),
                ('checked_in_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('edition', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='keepsakes', to='tenfold.edition')),
                ('issued_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('journey', models.ForeignKey(null=True, on_delete=tenfold.keepsakes.models.nameless, related_name='keepsakes', to='tenfold.journey')),
                ('revoked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.workspace')),
            ],
        ),
        migrations.AddConstraint(
            model_name='edition',
            constraint=models.CheckConstraint(condition=models.Q(('valid_from', None), ('valid_until', None), ('valid_until__gt', models.F('valid_from')), _connector='OR'), name='edition_dates_in_order'),
        ),
        migrations.AddIndex(
            model_name='keepsake',
            index=models.Index(fields=['campaign', 'id'], name='keepsake_newest'),
        ),
        migrations.AddIndex(
            model_name='keepsake',
            index=models.Index(condition=models.Q(('checked_in_at__isnull', False)), fields=['campaign', 'checked_in_at'], name='keepsake_checked_in'),
        ),
        migrations.AddConstraint(
            model_name='keepsake',
            constraint=models.UniqueConstraint(fields=('edition', 'journey'), name='keepsake_once'),
        ),
    ]
