"""What people who work on an order tell one another, on its page."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect

from apps.core.storing import clean
from apps.orders.admin.order_deeds import processed, way_back
from apps.orders.models import OrderNote
from apps.users.models import User

LONGEST = 2_000


class NoteForm(forms.Form):
    text = forms.CharField(label="Note", max_length=LONGEST)


def add(admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    order = processed(admin, request, object_id)
    assert isinstance(request.user, User)
    form = NoteForm({"text": clean(request.POST.get("text", ""))})
    if not form.is_valid():
        messages.error(request, f"A note has 1 to {LONGEST:,} characters.")
        return redirect(way_back(request, order, "#notes"))
    text = form.cleaned_data["text"]
    # Sent twice, it is kept once.
    last = order.notes.filter(user=request.user).first()
    if last is None or last.text != text:
        OrderNote.objects.create(order=order, user=request.user, text=text)
    messages.success(request, "The note is kept.")
    return redirect(way_back(request, order, "#notes"))


def delete(
    admin: Any, request: HttpRequest, object_id: int, note_id: int
) -> HttpResponse:
    """One's own alone."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    order = processed(admin, request, object_id)
    assert isinstance(request.user, User)
    if not order.notes.filter(pk=note_id, user=request.user).delete()[0]:
        raise Http404
    messages.success(request, "The note is deleted.")
    return redirect(way_back(request, order, "#notes"))
