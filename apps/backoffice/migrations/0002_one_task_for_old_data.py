from django.db import migrations


def drop_old_line(apps, schema_editor):
    """The schedule is only ever added to; a line whose task is gone would fail daily."""
    tasks = apps.get_model("django_celery_beat", "PeriodicTask")
    tasks.objects.filter(task="apps.platforms.tasks.prune_calls").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("backoffice", "0001_retention_rule"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [
        # Backwards nothing is needed: seed_schedule adds the line again.
        migrations.RunPython(drop_old_line, migrations.RunPython.noop),
    ]
