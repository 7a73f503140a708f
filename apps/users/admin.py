"""People and clients."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from apps.core.admin import ModelAdmin
from apps.users.models import Client, Membership, User

admin.site.unregister(Group)


class MembershipInline(TabularInline):  # type: ignore[misc]
    model = Membership
    extra = 0
    autocomplete_fields = ["user"]


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "email", "is_active", "is_staff", "last_login"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Oneself and the people of one's clients; superusers see everybody."""
        users: QuerySet[Any] = super().get_queryset(request)
        if request.user.is_superuser:
            return users
        colleagues = Membership.objects.filter(
            client__in=Client.objects.visible_to(request.user)
        )
        return users.filter(Q(pk=request.user.pk) | Q(pk__in=colleagues.values("user")))


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    pass


@admin.register(Client)
class ClientAdmin(ModelAdmin):
    list_display = ["name", "created_at"]
    search_fields = ["name"]
    inlines = [MembershipInline]
