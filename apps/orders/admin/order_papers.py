"""A kept label or slip, to the printer."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect

from apps.core.errors import DomainError
from apps.orders.admin.order_deeds import processed, way_back
from apps.orders.admin.printing import print_out as print_file
from apps.orders.models import ShippingDocument


def print_out(
    admin: Any, request: HttpRequest, object_id: int, document_id: int
) -> HttpResponse:
    """The file itself. It shows who bought, so that it was taken is written down."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    order = processed(admin, request, object_id)
    mine = ShippingDocument.objects.filter(package__orders=order)
    document = mine.select_related("package").filter(pk=document_id).first()
    if document is None:
        raise Http404
    try:
        return print_file(request, [document])
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(way_back(request, order, f"#package-{document.package_id}"))
