"""The page of all teams: the matrix of roles, then people by shops for each client."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from apps.core.filtering import FilterForm
from apps.platforms.models import Invitation, Shop
from apps.users.admin.team.rows import (
    MOST_COLUMNS,
    Offer,
    Person,
    manages,
    offer_of,
    person_of,
)
from apps.users.models import Client, Membership, User
from apps.users.roles import IN_MATRIX, MANAGE_TEAM, PERMISSIONS, VIEW_TEAM

CLIENTS_A_PAGE = 10
MOST_PEOPLE = 100
MOST_OFFERS = 20
# What was taken back stays on the page for so long.
REVOKED_SHOWN = timedelta(days=30)


class TeamFilters(FilterForm):
    q = forms.CharField(
        label="Name or e-mail",
        required=False,
        max_length=120,
        widget=forms.TextInput({"type": "search"}),
    )
    client = forms.ModelChoiceField(
        Client.objects.none(), required=False, empty_label="All clients"
    )

    def prepare(self) -> None:
        self.choose("client", Client.objects.visible_to(self.user, VIEW_TEAM))

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Of members: those whose name or address has the words."""
        if words := self.value("q"):
            rows = rows.filter(
                Q(user__username__icontains=words)
                | Q(user__first_name__icontains=words)
                | Q(user__last_name__icontains=words)
                | Q(user__email__icontains=words)
            )
        return rows

    def clients(self) -> QuerySet[Client]:
        """Those that have something to show."""
        clients = Client.objects.visible_to(self.user, VIEW_TEAM)
        if client := self.value("client"):
            clients = clients.filter(pk=client.pk)
        if words := self.value("q"):
            members = self.apply(Membership.objects.all())
            asked = waiting_for(self.user, timezone.now())
            asked = asked.filter(email__icontains=words)
            clients = clients.filter(
                Q(pk__in=members.values("client")) | Q(pk__in=asked.values("client"))
            )
        return clients


@dataclass(frozen=True, slots=True)
class Team:
    """One client's, as far as the viewer sees it."""

    client: Client
    shops: list[Shop]
    people: list[Person]
    offers: list[Offer]
    left_out: int
    may_invite: bool

    @property
    def is_wide(self) -> bool:
        """Whether the shops fit as columns."""
        return 0 < len(self.shops) <= MOST_COLUMNS


def team_context(request: HttpRequest, viewer: User) -> dict[str, Any]:
    filters = TeamFilters(request.GET, viewer)
    pages = Paginator(filters.clients(), CLIENTS_A_PAGE)
    page = pages.get_page(request.GET.get("p"))
    return {
        "filters": filters,
        "teams": teams_of(page.object_list, viewer, filters),
        "page": page,
        "others": _other_pages(request, page),
        "matrix": matrix(),
        "roles": [role.label for role in IN_MATRIX],
        "may_invite": viewer.has_perm(MANAGE_TEAM),
    }


def teams_of(
    clients: Iterable[Client], viewer: User, filters: TeamFilters | None = None
) -> list[Team]:
    """In a fixed number of queries, however many people there are."""
    clients, now = list(clients), timezone.now()
    shops: dict[int, list[Shop]] = {client.pk: [] for client in clients}
    for shop in Shop.objects.visible_to(viewer, VIEW_TEAM).filter(client__in=clients):
        shops[shop.client_id].append(shop)
    members: QuerySet[Membership] = (
        Membership.objects.filter(client__in=clients)
        .select_related("user")
        .prefetch_related("shop_roles")
        .order_by("client__name", "user__username")
    )
    asked = waiting_for(viewer, now).filter(client__in=clients)
    if filters is not None:
        members = filters.apply(members)
        if words := filters.value("q"):
            asked = asked.filter(email__icontains=words)
    people: dict[int, list[Person]] = {client.pk: [] for client in clients}
    for member in members:
        seen = shops[member.client_id]
        people[member.client_id].append(person_of(member, seen, viewer))
    offers: dict[int, list[Offer]] = {client.pk: [] for client in clients}
    for row in asked:
        offers[row.client_id].append(offer_of(row, shops[row.client_id], viewer, now))
    return [
        Team(
            client=client,
            shops=shops[client.pk],
            people=people[client.pk][:MOST_PEOPLE],
            offers=offers[client.pk][:MOST_OFFERS],
            left_out=max(len(people[client.pk]) - MOST_PEOPLE, 0),
            may_invite=client.is_active and manages(viewer, client.pk),
        )
        for client in clients
    ]


def waiting_for(viewer: User, now: datetime) -> QuerySet[Invitation]:
    """Invitations without an answer, and those taken back lately."""
    recent = Q(revoked_at=None) | Q(revoked_at__gt=now - REVOKED_SHOWN)
    return (
        Invitation.objects.visible_to(viewer)
        .filter(recent, accepted_at=None)
        .select_related("client", "invited_by")
        .prefetch_related("shops")
    )


def matrix() -> list[tuple[str, str, list[str]]]:
    """Each line's name, what it means, and yes or no for each role."""
    return [
        (
            line.name,
            line.words,
            ["yes" if role in line.roles else "no" for role in IN_MATRIX],
        )
        for line in PERMISSIONS.values()
    ]


def _other_pages(request: HttpRequest, page: "Page[Client]") -> dict[str, str]:
    """{what it is: its query}, where there are others."""
    found = {}
    for name, exists, number in (
        ("Previous", page.has_previous, page.number - 1),
        ("Next", page.has_next, page.number + 1),
    ):
        if exists():
            query = request.GET.copy()
            query["p"] = str(number)
            found[name] = f"?{query.urlencode()}"
    return found
