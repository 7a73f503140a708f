"""What all resources share: rows one may see, how they are shown and changed."""

from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404
from django_filters import FilterSet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.mixins import ListModelMixin
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from apps.core.addresses import address_of
from apps.core.api import paging
from apps.core.api.etags import answer, check_match
from apps.users.api.once import Once
from apps.users.api.scoping import HasScope, user_of
from apps.users.models import User

M = TypeVar("M", bound=Model)


class Resource(Once, GenericViewSet[M]):
    """Rows of one kind, of which one gets those one may see. A subclass names its
    `scope`, its `queryset`, and the columns lists may be ordered by: never NULL."""

    scope = ""
    permission_classes = [IsAuthenticated, HasScope]
    filter_backends = [DjangoFilterBackend]
    pagination_class = paging.CursorPages
    filterset_class: type[FilterSet] | None = None
    orderings: tuple[str, ...] = ("pk",)
    ordering = "pk"
    detail_class: type[BaseSerializer[Any]] | None = None
    lookup_value_converter = "int"

    def rows(self) -> Any:
        """Those one may see; a subclass adds what it needs to show them."""
        return super().get_queryset().visible_to(self.user)  # type: ignore[attr-defined]

    def get_queryset(self) -> QuerySet[M]:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()  # nobody asks: the schema is being made
        rows: QuerySet[M] = self.rows()
        return rows

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        if self.action != "list" and self.detail_class is not None:
            return self.detail_class
        return super().get_serializer_class()

    def get_object(self) -> M:
        """As visible, else as good as none."""
        found = self.get_queryset().filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def known_parameters(self) -> set[str]:
        if getattr(self, "action", None) != "list":
            return set()
        known = set(self.filterset_class.base_filters if self.filterset_class else ())
        return known | set(paging.PARAMETERS if self.paginator else ())

    @property
    def user(self) -> User:
        return user_of(self.request)

    @property
    def address(self) -> str | None:
        return address_of(self.request._request)

    @property
    def by(self) -> dict[str, Any]:
        """Who answers for a deed, as the services note it."""
        return {"actor": self.user, "address": self.address}

    def need(self, permission: str, row: Model) -> None:
        if not self.user.has_perm(permission, row):
            raise PermissionDenied

    def represent(self, row: M) -> Any:
        """As its own address shows it."""
        serializer = self.detail_class or self.serializer_class
        assert serializer is not None
        return serializer(row, context=self.get_serializer_context()).data

    def shown(self, row: M, *, status: int = 200) -> Response:
        return answer(self.request, self.represent(row), status=status)

    def read(self, serializer: type[BaseSerializer[Any]], **options: Any) -> Any:
        """What the body says. Raises ValidationError."""
        form = serializer(
            data=self.request.data, context=self.get_serializer_context(), **options
        )
        form.is_valid(raise_exception=True)
        return form.validated_data

    def subject(self) -> M:
        """The row to be changed; where the caller says which state they saw, locked
        and still in it. Raises Stale."""
        row = self.get_object()
        if "If-Match" in self.request.headers:
            if self.action not in self.own_transactions:
                self.lock(row)
            row = self.get_object()
            check_match(self.request, self.represent(row))
        return row

    def lock(self, row: M) -> None:
        """In the order in which the services lock."""
        rows: QuerySet[Any] = type(row)._default_manager.select_for_update()
        rows.filter(pk=row.pk).first()


class ListsAndShows(ListModelMixin, Resource[M]):
    """Both kinds of GET."""

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.shown(self.get_object())
