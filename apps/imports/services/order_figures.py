"""The figures of an orders file, as people and programs are told them."""

from apps.integrations.contracts import CancellationStage, OrderStatus
from apps.integrations.tiktok.exports import OrdersFileReport
from apps.orders.models import Order


def order_figures(report: OrdersFileReport) -> dict[str, object]:
    """The sums an accountant checks first; amounts as text, exact."""
    figures: dict[str, object] = {
        "rows": report.rows,
        "accepted_rows": report.accepted_rows,
        "refused_rows": report.refused_rows,
        "copied_rows": report.copied_rows,
        "older_rows": report.older_rows,
        "description_rows": report.description_rows,
        "blank_rows": report.blank_rows,
        "orders": report.order_count,
        "units": report.units,
        "returned_units": report.returned_units,
    }
    for name, total in (
        ("before_discount", report.original_amount),
        ("after_discount", report.amount),
        ("order_amount", report.order_amount),
    ):
        figures[name] = f"{total.all:,.2f}"
        figures[f"{name}_not_cancelled"] = f"{total.not_cancelled:,.2f}"
    figures["refund_column"] = f"{report.refund_column_amount:,.2f}"
    figures["really_refunded"] = f"{report.refunded_amount:,.2f}"
    for status in OrderStatus:
        if count := report.statuses[status]:
            figures[Order.Status(status.value).label.lower().replace(" ", "_")] = count
    for stage in CancellationStage:
        if count := report.stages[stage]:
            figures[f"cancelled_{stage.value or 'stage_unknown'}"] = count
    return figures
