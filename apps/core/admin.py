"""What every admin class of ours builds on: the theme's base, scoped and safe."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, TypeVar

from django.contrib import messages
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth import get_permission_codename
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin as ThemeModelAdmin

from apps.core.errors import DomainError

M = TypeVar("M", bound=Model)
View = Callable[..., HttpResponse]
READS = ("GET", "HEAD")


class ModelAdmin(ThemeModelAdmin):  # type: ignore[misc]
    """Lists only what the user may see; no row menus, which make lists heavy.

    What may be done to a row is asked of that row: a role holds at a shop.
    """

    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    list_filter_submit = True
    compressed_fields = True
    actions_row: list[str] = []
    # What the list is called, as in the sidebar; the head of its pages begins with it.
    list_title = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        queryset: QuerySet[Any] = super().get_queryset(request)
        visible_to = getattr(queryset, "visible_to", None)
        if visible_to is not None:
            return visible_to(request.user)  # type: ignore[no-any-return]
        # Rows of nobody's: whoever may not see them cannot tell that there are any.
        return queryset if self.has_view_permission(request) else queryset.none()

    def has_view_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return self._allows(request, "view", obj) or self._allows(
            request, "change", obj
        )

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return self._allows(request, "change", obj)

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return self._allows(request, "delete", obj)

    def _allows(self, request: HttpRequest, deed: str, obj: Model | None) -> bool:
        name = f"{self.opts.app_label}.{get_permission_codename(deed, self.opts)}"
        return bool(request.user.has_perm(name, obj))

    def own_page(
        self, request: HttpRequest, template: str, context: dict[str, Any]
    ) -> TemplateResponse:
        """A page of ours within the back office; `context` has its title."""
        everything = self.admin_site.each_context(request) | {"opts": self.opts}
        return TemplateResponse(request, template, everything | self._head() | context)

    def _head(self) -> dict[str, str]:
        """For templates/unfold/helpers/welcomemsg.html."""
        if not self.list_title:
            return {}
        named = f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"
        return {"list_title": self.list_title, "list_root": reverse(named)}

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = {"title": self.list_title} if self.list_title else {}
        response: HttpResponse = super().changelist_view(
            request, title | self._head() | (extra_context or {})
        )
        return response

    def missing(
        self, request: HttpRequest, object_id: str, opts: Any = None
    ) -> HttpResponse:
        """The answer to an ID that nothing has, or nothing one may see; `opts` are the
        model's, where it is not that of the list."""
        answer: HttpResponse = self._get_obj_does_not_exist_redirect(
            request, opts or self.opts, object_id
        )
        return answer

    def act_on(
        self,
        request: HttpRequest,
        row: Model,
        deed: str,
        deeds: Mapping[str, Callable[[HttpRequest, Any], str]],
        permission: str,
    ) -> None:
        """Do one of `deeds` to the row and tell what it says of it, or the rule that it
        breaks. Raises Http404 and PermissionDenied."""
        if deed not in deeds:
            raise Http404
        if not request.user.has_perm(permission, row):
            raise PermissionDenied
        try:
            messages.success(request, deeds[deed](request, row))
        except DomainError as error:
            messages.error(request, str(error))


def of_row(*methods: str) -> Callable[[View], View]:
    """For a view of one row: it is given the row that the address names by its ID, if
    one sees it, and is asked with these methods alone."""

    def decorate(view: View) -> View:
        @wraps(view)
        def opened(
            self: ModelAdmin,
            request: HttpRequest,
            object_id: object,
            *args: Any,
            **kwargs: Any,
        ) -> HttpResponse:
            if not self.has_view_permission(request):
                raise PermissionDenied
            row = self.get_object(request, str(object_id))
            if row is None:
                return self.missing(request, str(object_id))
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            return view(self, request, row, *args, **kwargs)

        return opened

    return decorate


class OwnList(ModelAdmin):
    """A list with a form of ours above it, see core.filtering."""

    list_class: type[ChangeList]
    change_list_template = "admin/change_list.html"
    actions = None

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return self.list_class

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data:
            changelist = response.context_data.get("cl")
            if isinstance(changelist, self.list_class):
                response.context_data |= self.list_context(request, changelist)
        return response

    def own_page(
        self, request: HttpRequest, template: str, context: dict[str, Any]
    ) -> TemplateResponse:
        """With `list_address`: the list as it was left, the way back from a row."""
        named = f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"
        address = reverse(named)
        if kept := request.GET.get("_changelist_filters"):
            address = f"{address}?{kept}"
        return super().own_page(request, template, {"list_address": address} | context)

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        """What the templates around the list need; it may prepare its rows, too."""
        return {"filters": cl.filters}


class ReadOnlyAdmin(ModelAdmin):
    """For what the platforms own or the system writes: nobody adds or edits it."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False


def changes_in(form: Any, *, but: Collection[str] = ()) -> dict[str, list[Any]]:
    """{field: [before, after]} of a form that holds, as JSON for the audit trail."""
    return {
        name: [_plain(form.initial.get(name)), _plain(form.cleaned_data[name])]
        for name in form.changed_data
        if name in form.cleaned_data and name not in but
    }


def _plain(value: Any) -> Any:
    value = getattr(value, "pk", value)
    return value if isinstance(value, str | int | None) else str(value)


def badge(text: str, kind: str) -> SafeString:
    """Text plus colour; kind is good, attention, bad, viral, progress or neutral."""
    return format_html('<span class="badge badge-{}">{}</span>', kind, text)


def ago(
    moment: datetime | None, *, zone_note: str = "", past: str = "ago"
) -> SafeString | str:
    """An age or a time to come in words; the exact instant is the tooltip.

    `past` is said of what is over: a deadline that has gone by is late.
    """
    if moment is None:
        return "—"
    delta = timezone.now() - moment
    words = duration(abs(delta))
    text = f"in {words}" if delta < timedelta(0) else f"{words} {past}"
    exact = f"{moment:%d %b %Y %H:%M:%S} UTC{zone_note}"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact, text
    )


def duration(delta: timedelta) -> str:
    """The largest unit that says enough: 40 s, 26 min, 6 h, 3 d."""
    seconds = int(delta.total_seconds())
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size * (2 if unit == "d" else 1):
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
