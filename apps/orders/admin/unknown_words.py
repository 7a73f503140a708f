"""Words of the platform's that nobody here understands: a notice above the order list,
one a word, and the list of them all."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.admin import ago, badge
from apps.core.filtering import FilterForm, FormList
from apps.orders.admin.base import AtShopRows, by_whom, came_from
from apps.orders.models import Cancellation, Order, Package, Return, UnknownWord
from apps.orders.services.words_seen import mark_seen
from apps.platforms.models import Shop
from apps.products.admin.listing_words import shop_words
from apps.users.models import AnyUser
from apps.users.roles import PROCESS_ORDERS, VIEW_ORDER

LIST = "admin:orders_unknownword_changelist"
MOST_SHOWN = 3
Kind = UnknownWord.Kind
# By kind: the rows that may bear such a word, the column it is kept in, what they are.
_BEARERS: Mapping[str, tuple[type[Any], str, str]] = {
    Kind.ORDER_STATUS: (Order, "status_text", "order"),
    Kind.PACKAGE_STATUS: (Package, "status_text", "package"),
    Kind.CANCELLATION_STATUS: (Cancellation, "status_text", "cancellation"),
    Kind.RETURN_STATUS: (Return, "status_text", "return"),
    Kind.RETURN_KIND: (Return, "kind_text", "return"),
}


def words_noticed(user: AnyUser) -> dict[str, Any]:
    """For templates/orders/desk.html: the newest few, and how many more there are.
    Two queries, and one a kind of word that is shown."""
    words = UnknownWord.objects.visible_to(user).open()
    shown = list(words.select_related("shop__client")[: MOST_SHOWN + 1])
    more = words.count() - MOST_SHOWN if len(shown) > MOST_SHOWN else 0
    shown = shown[:MOST_SHOWN]
    borne = _borne(shown)
    return {
        "words": [
            {
                "word": word,
                "count": borne[word.pk],
                "noun": _BEARERS[word.kind][2],
                "address": _address(word),
                "may_settle": user.has_perm(PROCESS_ORDERS, word),
            }
            for word in shown
        ],
        "more": more,
    }


def _borne(words: Iterable[UnknownWord]) -> dict[int, int]:
    """{key of word: how many rows bear it}"""
    words = list(words)
    found = {}
    for kind in {word.kind for word in words}:
        asked = [word for word in words if word.kind == kind]
        model, column, _ = _BEARERS[kind]
        rows = (
            model._default_manager.filter(
                shop__in=[word.shop_id for word in asked],
                **{f"{column}__in": [word.text for word in asked]},
            )
            .order_by()
            .values_list("shop", column)
            .annotate(number=Count("pk"))
        )
        numbers = {(shop, text): number for shop, text, number in rows}
        for word in asked:
            found[word.pk] = numbers.get((word.shop_id, word.text), 0)
    return found


def _address(word: UnknownWord) -> str:
    if word.kind != Kind.ORDER_STATUS:
        return ""
    desk = reverse("admin:orders_order_changelist")
    return f"{desk}?tab=all&shop={word.shop_id}&sync=unclear"


class WordFilters(FilterForm):
    shop = forms.ModelChoiceField(
        Shop.objects.none(), required=False, empty_label="All shops"
    )
    state = forms.ChoiceField(
        required=False,
        choices=[("", "All"), ("open", "Nobody knows it"), ("seen", "Somebody knows")],
    )

    def prepare(self) -> None:
        self.choose("shop", Shop.objects.visible_to(self.user, VIEW_ORDER))

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        if shop := self.value("shop"):
            rows = rows.filter(shop=shop)
        if state := self.value("state"):
            rows = rows.filter(seen_at__isnull=state == "open")
        return rows


class WordList(FormList):
    form_class = WordFilters


class UnknownWordAdmin(AtShopRows):
    list_display = ["word", "kind", "shop_name", "borne", "first", "state"]
    list_display_links = None
    list_class = WordList
    list_title = "Words we do not understand"
    list_before_template = "orders/words.html"
    # Those nobody knows of first.
    ordering = [F("seen_at").asc(nulls_first=True), "-first_at", "-pk"]

    def get_urls(self) -> list[URLPattern]:
        kept = [
            url
            for url in super().get_urls()
            if url.name == "orders_unknownword_changelist"
        ]
        seen = path(
            "<int:object_id>/seen/",
            self.bound(self.seen_view),
            name="orders_unknownword_seen",
        )
        return [*kept, seen]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("seen_by")

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        words = list(cl.result_list)
        borne = _borne(words)
        for word in words:
            word.borne = borne[word.pk]
            word.may_settle = request.user.has_perm(PROCESS_ORDERS, word)
        cl.result_list = words
        return {"filters": cl.filters, "reset_query": "?"}

    def seen_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Somebody knows what it means: the notice goes."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        word = self.seen(request, object_id)
        if word is None:
            return self.missing(request, str(object_id))
        if not self._allows(request, "change", word):
            raise PermissionDenied
        mark_seen(word, by_whom(request))
        messages.success(request, f"“{word.text}” is not mentioned any more.")
        return HttpResponseRedirect(came_from(request, LIST))

    @admin.display(description="Word", ordering="text")
    def word(self, word: UnknownWord) -> SafeString:
        return format_html(
            '<div class="titled">{}<br><span class="soft mono">{}</span></div>',
            word.text,
            word.example_id,
        )

    @admin.display(description="Shop", ordering="shop__name")
    def shop_name(self, word: UnknownWord) -> SafeString:
        return shop_words(word.shop)

    @admin.display(description="Said of")
    def borne(self, word: Any) -> SafeString:
        noun = _BEARERS[word.kind][2]
        words = f"{word.borne:,} {noun}{'' if word.borne == 1 else 's'}"
        address = _address(word)
        return (
            format_html('<a class="linked" href="{}">{}</a>', address, words)
            if (address)
            else format_html("{}", words)
        )

    @admin.display(description="First", ordering="first_at")
    def first(self, word: UnknownWord) -> SafeString | str:
        return ago(word.first_at)

    @admin.display(description="")
    def state(self, word: Any) -> SafeString | str:
        if word.seen_at:
            who = format_html(" by {}", word.seen_by) if word.seen_by else ""
            return format_html(
                '<div class="soft">known {}{}</div>', ago(word.seen_at), who
            )
        if not word.may_settle:
            return badge("Nobody knows it", "attention")
        return format_html(
            '<button class="button" form="words" formaction="{}">I know</button>',
            reverse("admin:orders_unknownword_seen", args=[word.pk]),
        )
