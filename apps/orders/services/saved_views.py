"""A person's own names for what they ask the order list again and again."""

from django.db import IntegrityError, transaction

from apps.orders.errors import ViewRefused
from apps.orders.models import SavedView
from apps.users.models import User

# They stand beside the tabs.
MOST_VIEWS = 20
LONGEST_NAME = 60
LONGEST_QUERY = 2_000


@transaction.atomic
def save_view(user: User, name: str, query: str) -> tuple[SavedView, bool]:
    """Keep a query of the list's address; of a name that is taken, in the place of what
    it was: (view, whether it is new). Raises ViewRefused."""
    name = _checked(name)
    if len(query) > LONGEST_QUERY:
        raise ViewRefused("So many numbers cannot be kept in a view. Take some out.")
    known = SavedView.objects.filter(user=user, name=name)
    if not known.exists() and SavedView.objects.filter(user=user).count() >= MOST_VIEWS:
        raise ViewRefused(
            f"There are {MOST_VIEWS} views already. Delete one you do not use."
        )
    return SavedView.objects.update_or_create(
        user=user, name=name, defaults={"query": query}
    )


def rename_view(view: SavedView, name: str) -> SavedView:
    """Raises ViewRefused where another of the person's views has the name."""
    view.name = _checked(name)
    try:
        with transaction.atomic():
            view.save(update_fields=["name", "modified_at"])
    except IntegrityError:
        raise ViewRefused(f"You have another view named “{view.name}”.") from None
    return view


def _checked(name: str) -> str:
    name = " ".join(name.replace("\0", "").split())
    if not name:
        raise ViewRefused("Give the view a name.")
    if len(name) > LONGEST_NAME:
        raise ViewRefused(f"A view's name has at most {LONGEST_NAME} characters.")
    return name
