"""Members had no role: it follows from the permissions they were given one by one.
Entries of the trail about shops learn which."""

from typing import Any

from django.db import migrations
from django.db.models import BigIntegerField
from django.db.models.functions import Cast

# The first that somebody held says what they were.
_ROLE_OF = (
    ("manage_credentials", "admin"),
    ("process_orders", "order_fulfillment"),
    ("view_order", "analyst"),
    ("view_shop", "analyst"),
)


def give_roles(apps: Any, schema_editor: Any) -> None:
    Membership = apps.get_model("users", "Membership")
    for member in Membership.objects.filter(role="").select_related("user").iterator():
        held = set(member.user.user_permissions.values_list("codename", flat=True))
        for group in member.user.groups.all():
            held |= set(group.permissions.values_list("codename", flat=True))
        role = next((role for name, role in _ROLE_OF if name in held), "")
        if role:
            Membership.objects.filter(pk=member.pk).update(role=role)


def name_shops(apps: Any, schema_editor: Any) -> None:
    AuditEntry = apps.get_model("users", "AuditEntry")
    about = AuditEntry.objects.filter(target_type="platforms.shop", shop_key=None)
    about.update(shop_key=Cast("target_id", BigIntegerField()))


class Migration(migrations.Migration):
    dependencies = [("users", "0003_roles")]

    operations = [
        migrations.RunPython(give_roles, migrations.RunPython.noop),
        migrations.RunPython(name_shops, migrations.RunPython.noop),
    ]
