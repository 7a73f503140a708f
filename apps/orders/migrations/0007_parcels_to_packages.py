from django.db import migrations

PORTION = 2_000


def to_packages(apps, schema_editor):
    Parcel = apps.get_model("orders", "Parcel")
    Package = apps.get_model("orders", "Package")
    OrderPackage = apps.get_model("orders", "OrderPackage")
    rows = Parcel.objects.order_by("pk").values_list(
        "pk", "order", "order__shop", "remote_id", "tracking_number"
    )
    last = 0
    while some := list(rows.filter(pk__gt=last)[:PORTION]):
        last = some[-1][0]
        made = {}
        for _, order, shop, remote_id, number in some:
            key = {"shop_id": shop, "remote_id": remote_id}
            if not remote_id:
                key["tracking_number"] = number
            name = tuple(key.values())
            if name not in made:
                made[name], _ = Package.objects.get_or_create(
                    **key, defaults={"tracking_number": number}
                )
            package = made[name]
            if number and not package.tracking_number:
                package.tracking_number = number
                package.save(update_fields=["tracking_number"])
            OrderPackage.objects.get_or_create(order_id=order, package=package)


def to_parcels(apps, schema_editor):
    Parcel = apps.get_model("orders", "Parcel")
    OrderPackage = apps.get_model("orders", "OrderPackage")
    rows = OrderPackage.objects.order_by("pk").values_list(
        "pk", "order", "package__remote_id", "package__tracking_number"
    )
    last = 0
    while some := list(rows.filter(pk__gt=last)[:PORTION]):
        last = some[-1][0]
        Parcel.objects.bulk_create(
            [
                Parcel(order_id=order, remote_id=remote_id, tracking_number=number)
                for _, order, remote_id, number in some
            ],
            ignore_conflicts=True,
        )


class Migration(migrations.Migration):
    dependencies = [("orders", "0006_orders_whole")]

    operations = [migrations.RunPython(to_packages, to_parcels)]
