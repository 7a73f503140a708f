"""The Connection tab: apps, what they may do, and the state of their tokens."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from apps.core.admin import ago, badge
from apps.integrations.tiktok.scopes import in_words
from apps.platforms.admin import words
from apps.platforms.models import Shop
from apps.platforms.services.app_secrets import note_viewed
from apps.platforms.services.scopes import ConnectedApp, scope_overview
from apps.platforms.services.token_state import state_of, words_for
from apps.platforms.services.trail import Actor
from apps.webhooks.admin.subscriptions import subscriptions_context


def connection_context(shop: Shop, now: datetime, viewer: Actor) -> dict[str, Any]:
    """For templates/platforms/shop_connection.html. It shows the ends of secrets, so
    the audit trail learns who looked."""
    overview = scope_overview(shop)
    for app in overview.connected:
        note_viewed(app.authorization, "ends of tokens", by=viewer, client=shop.client)
    connect = f"{reverse('platforms:connect')}?shop={shop.pk}"
    return {
        "apps": [_app(app, now) for app in overview.connected],
        "missing": [
            {
                "label": missing.label,
                "adds": missing.adds,
                "apps": [
                    {"name": str(app), "address": f"{connect}&app={app.pk}"}
                    for app in missing.apps
                ],
            }
            for missing in overview.missing
        ],
    } | subscriptions_context(shop)


def _app(app: ConnectedApp, now: datetime) -> dict[str, Any]:
    authorization = app.authorization
    state = state_of(authorization, now)
    return {
        "name": str(app.api_app),
        "category": app.api_app.get_scope_category_display(),
        "key": app.api_app.app_key,
        "secret": words.secret_hint(str(app.api_app.app_secret)),
        "granted": [in_words(key) for key in app.granted],
        "not_granted": [f"{scope.adds} ({scope.key})" for scope in app.not_granted],
        "authorization": authorization,
        "badge": badge(words_for(authorization, now), state.kind),
        "advice": state.advice,
        "access": words.secret_hint(str(authorization.access_token)),
        "access_ends": words.instant(authorization.access_expires_at),
        "access_left": words.span(authorization.access_expires_at - now),
        "refresh": words.secret_hint(str(authorization.refresh_token)),
        "refresh_ends": words.instant(authorization.refresh_expires_at),
        "refresh_left": words.span(authorization.refresh_expires_at - now),
        "connected_by": authorization.connected_by or "—",
        "connected_at": ago(authorization.connected_at),
        "last_used": ago(authorization.last_used_at),
        "refreshed": ago(authorization.refreshed_at),
        "outcome": authorization.last_error
        or ("went well" if authorization.refreshed_at else "not yet"),
    }
