"""The admin theme: titles, colours, sidebar."""

from django.templatetags.static import static
from django.urls import reverse_lazy

UNFOLD = {
    "SITE_TITLE": "Shopdesk",
    "SITE_HEADER": "Shopdesk",
    "SITE_SUBHEADER": "TikTok Shop back office",
    "SITE_SYMBOL": "storefront",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("shopdesk/icon.svg"),
        }
    ],
    "SHOW_VIEW_ON_SITE": False,
    "LOGIN": {"form": "apps.users.views.forms.SignInForm"},
    "ACCOUNT": {
        "navigation": [
            {"title": "Your account", "link": reverse_lazy("users:account")},
            {"title": "Change password", "link": reverse_lazy("users:password")},
        ]
    },
    "STYLES": ["apps.backoffice.navigation.stylesheet"],
    "SCRIPTS": ["apps.backoffice.navigation.keys"],
    "COLORS": {
        "primary": {
            "50": "#f0fdfa",
            "100": "#ccfbf1",
            "200": "#99f6e4",
            "300": "#5eead4",
            "400": "#2dd4bf",
            "500": "#14b8a6",
            "600": "#0f766e",
            "700": "#115e59",
            "800": "#134e4a",
            "900": "#123f3c",
            "950": "#042f2e",
        },
    },
    "SIDEBAR": {
        "show_search": False,
        "navigation": "apps.backoffice.navigation.sidebar",
    },
}
