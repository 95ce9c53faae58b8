"""A run of many pictures names its files, keeps the texts of its beginning, and counts its tries."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

TEXTS = ("language", "title", "subtitle", "points", "endorsement", "offer")


def name_what_is_there(apps: Any, _editor: Any) -> None:
    """What earlier releases made keeps the names it has; the texts are those of today."""
    texts = apps.get_model("tenfold", "PosterText").objects.order_by("id")
    for run in apps.get_model("tenfold", "RenderRun").objects.iterator():
        run.parts = [f"{nth:05}.zip" for nth in range(run.part_count)]
        run.texts = list(texts.filter(campaign=run.campaign_id).values(*TEXTS))
        run.save(update_fields=["parts", "texts"])


class Migration(migrations.Migration):

    dependencies = [
        ('tenfold', '0010_keepsakes'),
    ]

    operations = [
        migrations.AddField(
            model_name='renderrun',
            name='parts',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='renderrun',
            name='texts',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='renderrun',
            name='tries',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.RunPython(name_what_is_there, migrations.RunPython.noop, elidable=True),
    ]
