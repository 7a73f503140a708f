"""Clients that were made for applicants are marked as such."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def mark(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    applicants = apps.get_model("credit", "Applicant")
    homes = applicants.objects.exclude(home=None).order_by().values("home")
    apps.get_model("users", "Client").objects.filter(pk__in=homes).update(
        is_applicant=True
    )


class Migration(migrations.Migration):
    dependencies = [
        ("credit", "0005_shown_creators"),
        ("users", "0007_client_is_applicant"),
    ]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
