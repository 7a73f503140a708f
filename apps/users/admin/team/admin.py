"""The addresses of the team pages: permission, one row, one page."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
)
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from apps.core.admin import ModelAdmin
from apps.core.errors import DomainError
from apps.platforms.models import Invitation
from apps.users.admin.team import invite, member
from apps.users.admin.team.forms import InviteForm
from apps.users.admin.team.page import team_context
from apps.users.models import Membership, User
from apps.users.roles import MANAGE_TEAM, VIEW_TEAM


class MembershipAdmin(ModelAdmin):
    """Which rows one sees is the queryset's to say; what one may do to a row, the
    services', because a role may hold at one shop alone."""

    def get_urls(self) -> list[URLPattern]:
        return [
            self._path("", self.changelist_view, "changelist"),
            self._path("add/", self.add_view, "add"),
            self._path("invite/", self.invite_view, "invite"),
            self._path(
                "invitation/<int:pk>/<slug:deed>/", self.invitation_view, "invitation"
            ),
            self._path("<path:object_id>/change/", self.change_view, "change"),
            self._path("<path:object_id>/remove/", self.remove_view, "remove"),
        ]

    def _path(self, route: str, view: Any, name: str) -> URLPattern:
        wrapped = self.admin_site.admin_view(view)
        pattern: URLPattern = path(route, wrapped, name=f"users_membership_{name}")
        return pattern

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(VIEW_TEAM)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(MANAGE_TEAM)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        viewer = self._viewer(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        context = team_context(request, viewer)
        filters = context["filters"]
        for name in filters.errors:
            label = filters.fields[name].label or name.capitalize()
            messages.warning(
                request, f"{label}: ignored, because it does not fit here."
            )
        return self._page(request, "team", "Team and roles", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        viewer, row = self._viewer(request), self._member(request, object_id)
        if row is None:
            return self.missing(request, object_id)
        found = member.member_of(row, viewer)
        forms = found.forms()
        if request.method == "POST":
            member.check_manages(viewer, row)
            answer = member.save(request, found)
            if isinstance(answer, HttpResponse):
                return answer
            forms = answer
        context = member.page_context(found, forms)
        title = f"{context['name']} for {row.client}"
        return self._page(request, "team_member", title, context)

    def remove_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        viewer, row = self._viewer(request), self._member(request, object_id)
        if row is None:
            return self.missing(request, object_id)
        member.check_manages(viewer, row)
        found = member.member_of(row, viewer)
        if request.method == "POST":
            return member.take_away(request, found)
        context = member.removal_context(found)
        title = f"Remove {context['name']} from {row.client}?"
        return self._page(request, "team_remove", title, context)

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Nobody is put on a team unasked."""
        self._viewer(request, MANAGE_TEAM)
        return redirect("admin:users_membership_invite")

    def invite_view(self, request: HttpRequest) -> HttpResponse:
        viewer = self._viewer(request, MANAGE_TEAM)
        clients = invite.inviting(viewer)
        client = invite.chosen_client(request, clients)
        if client is None:
            context: dict[str, Any] = {"clients": list(clients)}
            return self._page(request, "team_invite_for", "Invite", context)
        form = InviteForm(None, actor=viewer, client=client)
        if request.method == "POST":
            answer = invite.send(request, viewer, client)
            if isinstance(answer, HttpResponse):
                return answer
            form = answer
        context = {"client": client, "form": form, "is_choice": clients.count() > 1}
        return self._page(request, "team_invite", f"Invite to {client}", context)

    def invitation_view(self, request: HttpRequest, pk: int, deed: str) -> HttpResponse:
        """Send it again or take it back, and go to the team."""
        viewer = self._viewer(request, MANAGE_TEAM)
        if deed not in invite.DEEDS:
            raise Http404
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        rows = Invitation.objects.visible_to(viewer).select_related("client")
        row = rows.filter(pk=pk).first() if pk < 2**63 else None
        if row is None:
            return self.missing(request, str(pk), Invitation._meta)
        try:
            messages.success(request, invite.DEEDS[deed](request, viewer, row))
        except DomainError as error:
            messages.error(request, str(error))
        return redirect(invite.team_of(row))

    def _viewer(self, request: HttpRequest, permission: str = VIEW_TEAM) -> User:
        if not request.user.has_perm(permission):
            raise PermissionDenied
        assert isinstance(request.user, User)
        return request.user

    def _member(self, request: HttpRequest, object_id: str) -> Membership | None:
        row: Membership | None = self.get_object(request, object_id)
        return row

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        return rows.select_related("client", "user").prefetch_related("shop_roles")

    def _page(
        self,
        request: HttpRequest,
        template: str,
        title: str,
        context: dict[str, Any],
    ) -> TemplateResponse:
        context = {"title": title} | context
        return self.own_page(request, f"users/{template}.html", context)
