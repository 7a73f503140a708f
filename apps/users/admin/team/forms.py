"""What may be chosen for somebody: roles and permissions one holds oneself."""

from collections.abc import Iterable
from typing import Any

from django import forms

from apps.platforms.models import Shop
from apps.platforms.services.team.seats import Seat
from apps.users.access import Place
from apps.users.models import Client, User
from apps.users.roles import MANAGE_TEAM, PERMISSIONS, Role, permissions_of

# Choices beside the roles.
FOLLOW, NONE = "follow", "none"


def role_choices(
    held: Iterable[str], *, at_shop: bool, current: str = ""
) -> list[tuple[str, str]]:
    """Roles that come to no more than `held`, and the one somebody has."""
    held = set(held)
    return [
        (role.value, str(role.label))
        for role in Role
        if role == current
        or (permissions_of(role) <= held and not (at_shop and role == Role.UNDERWRITER))
    ]


def extra_choices(
    held: Iterable[str], current: Iterable[str] = ()
) -> list[tuple[str, str]]:
    """Permissions of `held`, and those somebody has beside their role."""
    offered = {*held, *current}
    return [
        (line.name, line.words) for line in PERMISSIONS.values() if line.name in offered
    ]


def _extra_field() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label="Permissions beside the role",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


def _seat(role: str, extra: Iterable[str]) -> Seat:
    """What the role holds anyway is not given beside it."""
    role = "" if role in (FOLLOW, NONE) else role
    beside = set(extra) - permissions_of(role)
    return Seat(role, tuple(name for name in PERMISSIONS if name in beside))


class SeatForm(forms.Form):
    """A role at one place, for the client as a whole (`shop` None) or at a shop.

    It remembers what it showed, so that only what a person changed is written.
    """

    role = forms.ChoiceField(label="Role", show_hidden_initial=True)
    extra = _extra_field()

    def __init__(
        self,
        data: Any,
        *,
        actor: User,
        client: Client,
        shop: Shop | None,
        own: Seat | None,
        whole: Seat,
    ) -> None:
        """`own` is what is said of this place, None where it follows `whole`."""
        self.shop, self.own = shop, own
        seat = own or Seat()
        follows = shop is not None and own is None
        super().__init__(
            data,
            prefix=f"shop{shop.pk}" if shop else "all",
            initial={
                "role": FOLLOW if follows else seat.role or NONE,
                "extra": list(seat.extra_permissions),
            },
        )
        place = Place(client.pk, shop.pk if shop else None)
        held = actor.access.at(place)
        in_force = (whole if follows else seat).names
        self.is_managed = actor.access.may(MANAGE_TEAM, place)
        self.is_locked = not self.is_managed or not in_force <= held
        roles = role_choices(held, at_shop=shop is not None, current=seat.role)
        if shop is not None:
            roles = [(FOLLOW, f"As in all shops: {whole.in_words}"), *roles]
        none = (NONE, "No access" if shop else "No role")
        self._offer("role", [*roles, none])
        self._offer("extra", extra_choices(held, seat.extra_permissions))
        self.fields["extra"].show_hidden_initial = True
        for field in self.fields.values():
            field.disabled = self.is_locked

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("role") == FOLLOW and data.get("extra"):
            raise forms.ValidationError(
                "“As in all shops” has no permissions of its own. Choose a role here, "
                "or tick them for all shops."
            )
        return data

    @property
    def wanted(self) -> Seat | None:
        """None: as in all shops."""
        if self.cleaned_data["role"] == FOLLOW:
            return None
        return _seat(self.cleaned_data["role"], self.cleaned_data["extra"])

    @property
    def shows_extra(self) -> bool:
        """Whether the list of permissions is worth unfolding."""
        return bool(self.initial["extra"]) or bool(self.errors)


class InviteForm(forms.Form):
    """Whom, as what, and at which of the client's shops."""

    email = forms.EmailField(
        label="E-mail address", widget=forms.EmailInput({"autocomplete": "off"})
    )
    role = forms.ChoiceField()
    extra = _extra_field()
    where = forms.ChoiceField(
        label="Where",
        choices=[("all", "At all shops, also those to come"), ("some", "At these")],
        widget=forms.RadioSelect,
    )
    # By their keys: a number too large for the table is no choice, and no error.
    shops = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any, *, actor: User, client: Client) -> None:
        super().__init__(data, initial={"where": "all"})
        shops = Shop.objects.visible_to(actor, MANAGE_TEAM).filter(client=client)
        self._shops = {str(shop.pk): shop for shop in shops}
        access, whole = actor.access, Place(client.pk)
        may_all = access.may(MANAGE_TEAM, whole)
        places = [Place(client.pk, shop.pk) for shop in self._shops.values()]
        if may_all:
            places.append(whole)
        held = frozenset[str]().union(*(access.at(place) for place in places))
        role, extra, chosen = (self.fields[name] for name in ("role", "extra", "shops"))
        assert isinstance(role, forms.ChoiceField)
        assert isinstance(extra, forms.MultipleChoiceField)
        assert isinstance(chosen, forms.MultipleChoiceField)
        role.choices = [
            ("", "Choose …"),
            *role_choices(held, at_shop=not may_all),
            (NONE, "No role, only what is ticked"),
        ]
        extra.choices = extra_choices(held)
        chosen.choices = [(key, str(shop)) for key, shop in self._shops.items()]
        if not may_all:
            del self.fields["where"]
            chosen.required = True
        elif not self._shops:
            del self.fields["where"], self.fields["shops"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        where, shops = data.get("where"), data.get("shops")
        if where == "some" and not shops:
            self.add_error("shops", "Tick the shops.")
        if where == "all" and shops:
            # The narrower reading is the harmless one, but it is not ours to choose.
            self.add_error("where", "Shops are ticked: choose “At these”, or untick.")
        return data

    @property
    def seat(self) -> Seat:
        return _seat(self.cleaned_data["role"], self.cleaned_data["extra"])

    @property
    def chosen(self) -> list[Shop]:
        """None of them: at all shops."""
        if self.cleaned_data.get("where") == "all":
            return []
        return [self._shops[key] for key in self.cleaned_data.get("shops", [])]
