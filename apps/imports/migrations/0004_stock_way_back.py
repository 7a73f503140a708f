"""Runs into no shop have no place in the table as it was: on the way back they go."""

from django.db import migrations


def forget_stock_runs(apps, schema_editor):
    apps.get_model("imports", "ImportRun").objects.filter(shop=None).delete()


class Migration(migrations.Migration):
    dependencies = [("imports", "0003_stock")]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, forget_stock_runs),
    ]
