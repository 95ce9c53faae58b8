"""What 0005 has moved is dropped."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tenfold", "0005_scans_moved")]

    operations = [
        migrations.RemoveField(
            model_name="livecode",
            name="scan_count",
        ),
        migrations.DeleteModel(
            name="FirstTouch",
        ),
    ]
