"""A held seat is in no index but those a scan asks; members are found by their group."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tenfold', '0007_hooks'),
    ]

    operations = [
        migrations.AlterField(
            model_name='seat',
            name='campaign',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.campaign'),
        ),
        migrations.AlterField(
            model_name='seat',
            name='group',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='seats', to='tenfold.group'),
        ),
        migrations.AlterField(
            model_name='seat',
            name='workspace',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenfold.workspace'),
        ),
        migrations.AddIndex(
            model_name='seat',
            index=models.Index(condition=models.Q(('state', 'taken')), fields=['group'], name='seat_members'),
        ),
    ]
