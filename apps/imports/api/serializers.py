"""Runs of files as programs see them, and what an upload says."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.core.api.fields import StrictSerializer
from apps.core.api.relations import RowField
from apps.imports.models import ImportProblem, ImportRun
from apps.imports.services.readers import READERS
from apps.imports.services.who_may import importable_shops, may_act
from apps.integrations.tiktok.exports.times import DateOrder

MOST_PROBLEMS = 200
DATES = ("auto", *DateOrder)
_COUNTS = ("new", "updated", "same", "failed")


class ImportProblemSerializer(serializers.ModelSerializer[ImportProblem]):
    """`line` is where it stands in the file, 0 speaks of the whole; `item` is the ID of
    the order, return or product."""

    class Meta:
        model = ImportProblem
        fields = ("line", "column", "item", "message", "is_error")


class ImportSerializer(serializers.ModelSerializer[ImportRun]):
    """Counts are items (orders, returns, products); of a file that is only checked,
    what reading it in would come to. Of stock, `shop` is null and `client` told."""

    class Meta:
        model = ImportRun
        fields: tuple[str, ...] = (
            "id",
            "shop",
            "client",
            "kind",
            "state",
            "file_name",
            "started_at",
            "ended_at",
            "rows",
            "total",
            "done",
            "new",
            "updated",
            "same",
            "failed",
            "first_error",
            "is_stop_asked",
            "undone_at",
        )

    def to_representation(self, instance: ImportRun) -> Any:
        told = super().to_representation(instance)
        if instance.state == ImportRun.State.CHECKED:
            told |= {name: instance.report.get(name, 0) for name in _COUNTS}
        return told


class ImportDetailSerializer(ImportSerializer):
    earlier = serializers.SerializerMethodField(
        help_text="When the very same file was read before; null if it was not."
    )
    date_order = serializers.SerializerMethodField(
        help_text="day-first or month-first, as the file was read; empty without dates."
    )
    is_date_order_told = serializers.SerializerMethodField(
        help_text="Whether the file or you said so. If not, say it with check/ first."
    )
    unknown_columns = serializers.SerializerMethodField()
    figures = serializers.SerializerMethodField(
        help_text="What the file holds, as text, by name: rows, units, sums."
    )
    not_undone = serializers.SerializerMethodField(
        help_text="Why it could not be undone when that was asked for."
    )
    problems = serializers.SerializerMethodField(
        help_text=f"The first {MOST_PROBLEMS}, refusals first; none for whoever may "
        "not read such a file in."
    )

    class Meta(ImportSerializer.Meta):
        fields = (
            *ImportSerializer.Meta.fields,
            "earlier",
            "date_order",
            "is_date_order_told",
            "unknown_columns",
            "figures",
            "not_undone",
            "problems",
        )

    def get_earlier(self, run: ImportRun) -> str | None:
        return str(run.report.get("earlier") or "") or None

    def get_date_order(self, run: ImportRun) -> str:
        return str(run.report.get("date_order") or "")

    def get_is_date_order_told(self, run: ImportRun) -> bool:
        return run.report.get("is_date_order_told") is not False

    def get_unknown_columns(self, run: ImportRun) -> list[str]:
        return list(run.report.get("unknown") or [])

    def get_figures(self, run: ImportRun) -> dict[str, str]:
        return dict(run.report.get("figures") or [])

    def get_not_undone(self, run: ImportRun) -> str:
        acts = may_act(self.context["request"].user, run)
        return str(run.report.get("not_undone") or "") if acts else ""

    @extend_schema_field(ImportProblemSerializer(many=True))
    def get_problems(self, run: ImportRun) -> Any:
        if not may_act(self.context["request"].user, run):
            return []
        return ImportProblemSerializer(
            run.problems.all()[:MOST_PROBLEMS], many=True
        ).data


class DatesSerializer(StrictSerializer):
    dates = serializers.ChoiceField(
        DATES,
        default="auto",
        help_text="How 05/11 is meant where the file does not tell.",
    )


class ImportUploadSerializer(DatesSerializer):
    """A file, as Seller Center gave it."""

    shop = RowField(importable_shops, help_text="Its id; no file says which it is of.")
    file = serializers.FileField(help_text="CSV or XLSX, at most 50 MB.")
    kind = serializers.ChoiceField(
        sorted(READERS),
        required=False,
        help_text="What you take it for. A file that is another is refused; without "
        "it, the content tells.",
    )
