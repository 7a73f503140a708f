"""Back to where only orders had changes, those of returns and listings go."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def forget_others(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    changes = apps.get_model("imports", "ImportChange")
    changes.objects.filter(order__isnull=True).delete()


class Migration(migrations.Migration):
    dependencies = [("imports", "0006_undo_of_all_kinds")]

    operations = [migrations.RunPython(migrations.RunPython.noop, forget_others)]
