"""Every address the site answers, found by asking the resolver.

A new route joins by itself. What an argument can be is worked out from its name; where
that does not do, VALUES says it, and without either the walk stops and asks.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.forms import CharField
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter, UUIDConverter
from django.utils.regex_helper import normalize
from django_filters import ModelChoiceFilter

from apps.alerts.admin import bulk as alert_bulk
from apps.alerts.admin import hooks as alert_hooks
from apps.alerts.admin import inbox
from apps.backoffice.admin.analytics.splits import TABLES
from apps.credit.admin.score_pages import FIGURE_NAMES
from apps.imports.admin import deeds as import_deeds
from apps.imports.services.templates import TEMPLATES
from apps.inventory.admin import document_page, incidents
from apps.orders.admin import order_actions, order_deed_list
from apps.orders.admin import runs as order_runs
from apps.orders.models import Order
from apps.platforms.admin.actions import DEEDS
from apps.platforms.models import Shop
from apps.products.admin import draft_deeds, mapping_deeds, product_deeds, runs
from apps.products.admin.draft_page import SECTIONS
from apps.sync.admin import run_page
from apps.users.admin import people
from apps.users.admin.team import invite
from apps.webhooks.admin import subscriptions
from tests.walls.world import World

# Routes that are not walked, and why. Read before adding to it: everything here is
# behind no wall that a test has seen.
OPTED_OUT: dict[str, str] = {
    "health_deep": "where no worker runs, 503 is its answer; who may ask is seen in "
    "tests/backoffice/test_watching.py",
}

# Routes open to people who have not signed in, and why.
PUBLIC: dict[str, str] = {
    "landing": "sends on to the way in",
    "/admin/password_change/": "sends on to the account page, which asks who it is",
    "admin:password_change": "the same, whichever name is used for it",
    "admin:login": "the way in",
    "admin:logout": "the way out; who is out already stays out",
    "api:problem": "what a code of the API means, the same for everybody",
    "api:problems": "what the codes of the API mean, the same for everybody",
    "users:invitation": "for the invited, who may have no account yet; bound by a "
    "signed, one-use token",
    "users:password_reset": "for those who cannot sign in; the same answer whether or "
    "not there is such an account",
    "users:password_reset_sent": "what comes after it; says nothing of anybody",
    "users:password_reset_confirm": "for those who cannot sign in; bound by a signed, "
    "one-use token",
    "health": "for machines that watch us; says that the process lives",
    "health_live": "the same",
    "health_ready": "the same, and whether database and task queue answer",
    "platforms:callback": "TikTok sends sellers here who have no account; bound by a "
    "one-use state and a signed cookie",
    "platforms:grant": "for shop owners, who have no account; bound by a one-time link",
    "platforms:grant_again": "the same; bound by a signed cookie",
    "platforms:grant_finish": "the same; bound by a signed cookie",
    "platforms:grant_pick": "the same; bound by a signed cookie",
    "platforms:grant_thanks": "the same; bound by a signed cookie",
    "api:credit_connect": "applicants, who have no account, begin here; it makes a "
    "one-use state and tells nothing of anybody",
    "credit:consent": "applicants come back here; bound by a signed cookie",
    "credit:consent_leave": "the same; bound by a signed cookie",
    "credit:consent_status": "the same; bound by a signed cookie",
}

# What an argument can be that is no key: by its name or its route's and its name.
# In braces stands what World.told has.
VALUES: dict[str, Callable[[], Iterable[str]]] = {
    "admin:platforms_shop_act.name": lambda: DEEDS,
    "admin:platforms_shop_webhooks.deed": lambda: subscriptions.DEEDS,
    "admin:products_listingsku_act.name": lambda: mapping_deeds.DEEDS,
    "admin:backoffice_analytics_export.table": lambda: TABLES,
    "admin:backoffice_retention_days.name": lambda: ["api_calls"],
    "admin:backoffice_retention_apply.name": lambda: ["api_calls"],
    "admin:imports_importrun_act.deed": lambda: import_deeds.DEEDS,
    "admin:imports_importrun_template.kind": lambda: TEMPLATES,
    "admin:orders_actionrun_act.deed": lambda: order_runs.DEEDS,
    "admin:orders_order_action.deed": lambda: order_actions.DEEDS,
    "admin:orders_order_cancellation_do.deed": lambda: order_deed_list.CANCELLATION,
    "admin:orders_order_do.deed": lambda: order_deed_list.ORDER,
    "admin:orders_order_package_do.deed": lambda: order_deed_list.PACKAGE,
    "admin:orders_order_return_do.deed": lambda: order_deed_list.RETURN,
    "admin:inventory_warehouse_act.name": lambda: ["default", "close", "open"],
    "admin:inventory_stockdocument_act.deed": lambda: document_page.DEEDS,
    "admin:inventory_oversellincident_act.deed": lambda: incidents.DEEDS,
    "admin:products_product_act.deed": lambda: product_deeds.DEEDS,
    "admin:products_product_picture.deed": lambda: product_deeds.PICTURE_DEEDS,
    "admin:products_listing_act.deed": lambda: ["pull", "edit"],
    "admin:products_listingdraft_act.deed": lambda: draft_deeds.DEEDS,
    "admin:products_listingdraft_section.section": lambda: [*SECTIONS, "preview"],
    "admin:products_publishrun_act.deed": lambda: runs.DEEDS,
    "admin:sync_syncrun_act.deed": lambda: run_page.DEEDS,
    "admin:users_client_act.deed": lambda: ["rename", "deactivate", "activate"],
    "admin:users_membership_invitation.deed": lambda: invite.DEEDS,
    "admin:users_user_act.deed": lambda: people.DEEDS,
    "admin:alerts_alert_act.deed": lambda: inbox.DEEDS,
    "admin:alerts_alert_bulk.deed": lambda: alert_bulk.DEEDS,
    "admin:alerts_alerthook_act.deed": lambda: alert_hooks.DEEDS,
    "app_label": lambda: sorted({m._meta.app_label for m in admin.site._registry}),
    "api:problem.code": lambda: ["not_found"],
    "content_type_id": lambda: [_content_type(Shop), _content_type(Order), "{key}"],
    "platforms:grant.token": lambda: ["{link}"],
    "admin:credit_applicant_rows.figure": lambda: FIGURE_NAMES,
    "admin:credit_applicant_rows.number": lambda: ["1"],
    "admin:credit_applicant_issue.number": lambda: ["1"],
    "admin:credit_applicant_what_if.number": lambda: ["1"],
    "credit:shared.token": lambda: ["{link}"],
    "credit:shared_object.token": lambda: ["{link}"],
    "credit:shared_pdf.token": lambda: ["{link}"],
    "users:invitation.token": lambda: ["{word}"],
    "users:password_reset_confirm.token": lambda: ["{word}"],
    "uidb64": lambda: ["{key64}"],
    "url": lambda: ["no/such/page"],
}
_KEY_NAMES = re.compile(r"(^|_)(pk|id|uuid)$")


@dataclass(frozen=True)
class Route:
    """`template` is the address with `%(name)s` for each of `arguments`."""

    name: str
    template: str
    arguments: tuple[str, ...]
    converters: Mapping[str, Any]
    callback: Any

    def is_key(self, argument: str) -> bool:
        if argument in VALUES or f"{self.name}.{argument}" in VALUES:
            return False
        numbers = (IntConverter, UUIDConverter)
        is_number = isinstance(self.converters.get(argument), numbers)
        return is_number or bool(_KEY_NAMES.search(argument))

    @property
    def is_api(self) -> bool:
        return self.template.startswith("/api/")

    @property
    def methods(self) -> list[str]:
        """Those that the view knows; where it does not tell, those of a browser."""
        known = getattr(self.callback, "actions", None) or ("get", "post")
        return [method.upper() for method in known]

    @property
    def filters(self) -> dict[str, str]:
        """{name: what it may hold} of the filters of a list of the API that ask for
        rows or words; others know their few choices."""
        view = getattr(self.callback, "cls", None)
        filterset = getattr(view, "filterset_class", None)
        is_list = "list" in getattr(self.callback, "actions", {}).values()
        found = filterset.base_filters if filterset and is_list else {}
        return {
            name: "{key}" if isinstance(each, ModelChoiceFilter) else "{word}"
            for name, each in found.items()
            if isinstance(each, ModelChoiceFilter)
            or issubclass(each.field_class, CharField)
        }

    @property
    def has_key(self) -> bool:
        """Whether its addresses differ from world to world."""
        return any("{" in value for name in self.arguments for value in self._of(name))

    def addresses(self, *worlds: World) -> list[str]:
        """All that it can be with rows of these worlds; of several worlds, only those
        that mix them."""
        found = []
        choices = [self._of(name) for name in self.arguments]
        for values in product(*choices):
            for mix in product(worlds, repeat=len(values)):
                told = dict(zip(self.arguments, _told(values, mix), strict=True))
                if len(set(worlds)) == 1 or len(set(mix)) > 1:
                    found.append(self.template % told)
        return list(dict.fromkeys(found))

    def _of(self, argument: str) -> list[str]:
        named = VALUES.get(f"{self.name}.{argument}") or VALUES.get(argument)
        if named is not None:
            return list(named())
        if self.is_key(argument):
            return ["{key}"]
        raise LookupError(
            f"What can “{argument}” be in {self.name}? Say it in VALUES, or opt the "
            "route out, with the reason."
        )


def _content_type(model: type[Model]) -> str:
    return str(ContentType.objects.get_for_model(model).pk)


def all_routes() -> list[Route]:
    return list(_routes_under(get_resolver(), "", (), {}))


def walked_routes() -> list[Route]:
    return [route for route in all_routes() if route.name not in OPTED_OUT]


def _told(values: tuple[str, ...], worlds: tuple[World, ...]) -> list[str]:
    return [
        value.format(**world.told) for value, world in zip(values, worlds, strict=True)
    ]


def _routes_under(
    resolver: URLResolver, pattern: str, spaces: tuple[str, ...], found: dict[str, Any]
) -> Iterator[Route]:
    for each in resolver.url_patterns:
        own = str(each.pattern.regex.pattern).removeprefix("^")
        whole = pattern + own
        converters = found | each.pattern.converters
        if isinstance(each, URLResolver):
            inner = (*spaces, each.namespace) if each.namespace else spaces
            yield from _routes_under(each, whole, inner, converters)
        else:
            yield from _routes_of(each, whole, spaces, converters)


def _routes_of(
    leaf: URLPattern, pattern: str, spaces: tuple[str, ...], converters: dict[str, Any]
) -> Iterator[Route]:
    """Usually one; an optional part of a pattern makes two."""
    for template, arguments in normalize(pattern):
        name = ":".join((*spaces, leaf.name or f"/{template}"))
        yield Route(name, f"/{template}", tuple(arguments), converters, leaf.callback)
