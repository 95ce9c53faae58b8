"""Somebody whom an operator has removed can be kept out. Of before nobody is: no fact told who had removed them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tenfold", "0014_standings"),
    ]

    operations = [
        migrations.AddField(
            model_name="journey",
            name="kept_out_at",
            field=models.DateTimeField(null=True),
        ),
    ]
