from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tenfold', '0021_own_text'),
    ]

    # The old one is removed by a migration of its own: facts are read while PostgreSQL builds this one, though none are
    # written, and nobody who reads and then writes waits for a lock that waits for them.
    operations = [
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(fields=['journey_id', 'id'], name='entry_of_journey'),
        ),
    ]
