from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tenfold', '0021_own_text'),
    ]

    # The new one first: while PostgreSQL builds it facts are still read, and it waits for none that are written.
    operations = [
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(fields=['journey_id', 'id'], name='entry_of_journey'),
        ),
        migrations.RemoveIndex(
            model_name='entry',
            name='entry_journey',
        ),
    ]
