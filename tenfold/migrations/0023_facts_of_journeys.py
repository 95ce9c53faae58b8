from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('tenfold', '0022_facts_in_order'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='entry',
            name='entry_journey',
        ),
    ]
