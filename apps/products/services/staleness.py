"""When suggestions are to be worked out again."""

from django.utils import timezone

from apps.products.models import MappingState


def mark_stale(client_id: int) -> None:
    """Something that suggestions hang on has changed. One statement.

    The instant moves each time: whoever works them out meanwhile sees that what was
    read is not the latest.
    """
    MappingState.objects.bulk_create(
        [MappingState(client_id=client_id, stale_since=timezone.now())],
        update_conflicts=True,
        unique_fields=["client"],
        update_fields=["stale_since", "modified_at"],
    )
