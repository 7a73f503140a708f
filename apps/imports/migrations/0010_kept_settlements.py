"""Settlement files that were kept until they could be read are offered to be read."""

from django.db import migrations


def offer(apps, schema_editor):
    runs = apps.get_model("imports", "ImportRun").objects
    runs.filter(kind="settlement", state="kept").exclude(file="").update(
        state="uploaded"
    )


class Migration(migrations.Migration):
    dependencies = [("imports", "0009_settlements")]

    operations = [migrations.RunPython(offer, migrations.RunPython.noop)]
