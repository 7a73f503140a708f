"""What somebody asked for, as a file."""

from typing import Any

from django.http import JsonResponse


def json_file(name: str, data: dict[str, Any]) -> JsonResponse:
    """To be read by people too; nothing on the way keeps a copy."""
    response = JsonResponse(
        data, json_dumps_params={"indent": 2, "ensure_ascii": False}
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.json"'
    response.headers["Cache-Control"] = "no-store"
    return response
