"""The walk: all that can be asked of every route, in one go; and a shorter one."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.test import RequestFactory

from tests.walls.api import Schema, body_of, names_a_row, value_for
from tests.walls.pages import Form, forms_on
from tests.walls.people import STEPS, UNFINISHED
from tests.walls.routes import Route
from tests.walls.walker import Answer, Data, Walker
from tests.walls.world import ABSENT, TEXT, World

# Looked up by the theme and by Django on every page; they name no row.
_NOT_ROWS = {"csrfmiddlewaretoken", "_changelist_filters", "_popup", "e", "p", "all"}
OK, FORBIDDEN, NOT_ALLOWED = 200, 403, 405
FEW = 4
_LIST_QUERIES = (
    {"o": "1.2", "all": "", "_facets": "True"},
    {"o": "-1", "p": "99", "e": "1"},
    {"_popup": "1", "_to_field": "id"},
)


def walk(walker: Walker, routes: Iterable[Route]) -> None:
    for route in routes:
        _walk_route(walker, walker.own, route)


def walk_briefly(walker: Walker, routes: Iterable[Route]) -> None:
    """Every route with foreign rows and one's own, and what a browser or a program
    would send there; without foreign keys in all places of what is sent."""
    for route in routes:
        _ask_for_foreign_rows(walker, walker.own, route)
        for address, page in _own_pages(walker, walker.own, route).items():
            if route.is_api:
                for method, _, valid in _bodies(walker.own, route):
                    walker.ask(method, address, valid)
            elif page.status == OK:
                for form in _unsent(walker, address, page):
                    _send_buttons(walker, form)


def _walk_route(walker: Walker, own: World, route: Route) -> None:
    _ask_for_foreign_rows(walker, own, route)
    for number, (address, page) in enumerate(_own_pages(walker, own, route).items()):
        if page.status == OK:
            _send_forms(walker, address, page)
        if route.is_api:
            _send_bodies(walker, own, route, address)
        else:
            _send_names(walker, address)
        if number > 0 or page.status == FORBIDDEN:
            continue
        walker.ask("HEAD", address)
        _look_up_names(walker, route, address, page)
        if page.status == OK and (model_admin := _list_of(route)):
            _ask_list(walker, own, model_admin, address)


def _own_pages(walker: Walker, own: World, route: Route) -> dict[str, Answer]:
    """By address; where a walker has unfinished business, of all of it."""
    worlds = [own]
    if route.has_key and route.name.startswith(UNFINISHED):
        worlds += [World(own.word, own.key + step) for step in range(1, STEPS + 1)]
    return {
        address: walker.ask("GET", address)
        for world in worlds
        for address in route.addresses(world)
    }


def _ask_for_foreign_rows(walker: Walker, own: World, route: Route) -> None:
    """With a foreign key in one or all of the address's places; by all methods, unless
    the first is refused whatever is asked for."""
    if not route.has_key:
        return
    mixes: list[tuple[World, ...]] = [()]
    if len(route.arguments) > 1:
        mixes.append((own,))
    for mix in mixes:
        for number in range(len(route.addresses(ABSENT, *mix))):
            ask = partial(_foreign, route, mix, number)
            for method in route.methods:
                if walker.compare(method, ask).status == FORBIDDEN:
                    break


def _foreign(
    route: Route, mix: tuple[World, ...], number: int, world: World
) -> tuple[str, Data | None]:
    return route.addresses(world, *mix)[number], None


def _look_up_names(walker: Walker, route: Route, address: str, page: Answer) -> None:
    """Foreign keys and words for whatever the view looks up in the address: one by
    one, but the filters of a list, where one that does not fit is dropped, at once."""
    names = [] if route.is_api else sorted(page.asked - _NOT_ROWS)
    groups = [[name] for name in names] if len(names) <= FEW else [names]
    queries = [dict.fromkeys(group, "{key}") for group in groups]
    queries += [dict.fromkeys(group, "{word}") for group in groups]
    queries += [{name: value} for name, value in route.filters.items()]
    for query in queries:
        walker.compare("GET", partial(_query, address, query))


def _send_names(walker: Walker, address: str) -> None:
    """Nothing, then foreign keys for whatever the view looks up in the body."""
    answer = walker.ask("POST", address)
    if answer.status in (FORBIDDEN, NOT_ALLOWED):
        return
    if names := sorted(answer.asked - _NOT_ROWS):

        def ask(world: World) -> tuple[str, Data | None]:
            return address, {name: str(world.key) for name in names}

        walker.compare("POST", ask)


def _send_forms(walker: Walker, address: str, page: Answer) -> None:
    """As a browser sends them, and with a foreign key in the place of each choice.
    Those that stand on every page are sent once."""
    for form in _unsent(walker, address, page):
        _send_buttons(walker, form)
        for name in sorted(form.choices - _NOT_ROWS):
            walker.compare("POST", partial(_chosen, form, name))


def _unsent(walker: Walker, address: str, page: Answer) -> Iterator[Form]:
    for form in forms_on(page.words, f"http://testserver{address}"):
        form.action = form.action.removeprefix("http://testserver")
        if form.method == "post" and form.print not in walker.sent:
            walker.sent.add(form.print)
            yield form


def _send_buttons(walker: Walker, form: Form) -> None:
    for button in form.buttons or [("", "")]:
        walker.ask("POST", form.action, form.sent_with(button))


def _chosen(form: Form, name: str, world: World) -> tuple[str, Data | None]:
    button = form.buttons[0] if form.buttons else ("", "")
    return form.action, form.sent_with(button) | {name: [str(world.key)]}


def _send_bodies(walker: Walker, own: World, route: Route, address: str) -> None:
    """To the API: what its description says, and foreign keys for each number."""
    for method, body, valid in _bodies(own, route):
        walker.ask(method, address, valid)
        for name, schema in body.items():
            if names_a_row(schema):
                told = partial(_told_of, address, valid, name, schema)
                walker.compare(method, told)


def _bodies(own: World, route: Route) -> Iterator[tuple[str, dict[str, Schema], Data]]:
    """(method, its description, what fits it) of those that send one."""
    for method in route.methods:
        if method not in ("GET", "HEAD"):
            body = body_of(method, route.template)
            yield (
                method,
                body,
                {n: value_for(schema, own) for n, schema in body.items()},
            )


def _told_of(
    address: str, valid: Data, name: str, schema: Schema, world: World
) -> tuple[str, Data | None]:
    return address, {**valid, name: value_for(schema, world)}


def _list_of(route: Route) -> Any:
    """The admin class, where the route is its list."""
    is_list = route.name.endswith("_changelist")
    return getattr(route.callback, "model_admin", None) if is_list else None


def _ask_list(walker: Walker, own: World, model_admin: Any, address: str) -> None:
    for query in _LIST_QUERIES:
        walker.ask("GET", f"{address}?{urlencode(query)}")
    for lookups in _lookups(model_admin, address):
        walker.compare("GET", partial(_query, address, lookups))
    for action in _actions(model_admin):
        chosen = {"action": action, "select_across": "0", "index": "0"}
        walker.ask("POST", address, chosen | {"_selected_action": [str(own.key)]})

        walker.compare("POST", partial(_selected, address, chosen))


def _selected(address: str, chosen: Data, world: World) -> tuple[str, Data | None]:
    return address, {**chosen, "_selected_action": [str(world.key)]}


def _lookups(model_admin: Any, address: str) -> Iterator[dict[str, str]]:
    """Filters of the list, and what Django lets anybody write into the address."""
    request = RequestFactory().get(address)
    columns = model_admin.model._meta.get_fields()
    texts = [c.name for c in columns if isinstance(c, TEXT) and not c.choices]
    asked = {f"{name}__startswith": "{word}" for name in texts}
    asked |= {f"{c.name}__id__exact": "{key}" for c in columns if c.is_relation}
    asked |= {"shop__client__name__startswith": "{word}"}
    yield {
        name: value
        for name, value in asked.items()
        if model_admin.lookup_allowed(name, value, request)
    }
    for each in model_admin.list_filter:
        name = each if isinstance(each, str) else getattr(each, "parameter_name", "pk")
        yield {name: "{key}"}


def _actions(model_admin: Any) -> list[str]:
    named = [each for each in (model_admin.actions or ()) if isinstance(each, str)]
    return [*named, "delete_selected"]


def ask_autocomplete(walker: Walker) -> None:
    """For each column that points to a row: its choices, and a search for others'."""
    for model in admin.site._registry:
        for column in model._meta.get_fields():
            if column.related_model not in admin.site._registry:
                continue
            query = {
                "app_label": model._meta.app_label,
                "model_name": str(model._meta.model_name),
                "field_name": column.name,
            }
            address = "/admin/autocomplete/"
            walker.ask("GET", f"{address}?{urlencode(query)}")
            walker.compare("GET", partial(_query, address, query | {"term": "{word}"}))


def _query(
    address: str, query: dict[str, str], world: World
) -> tuple[str, Data | None]:
    told = {name: value.format(**world.told) for name, value in query.items()}
    return f"{address}?{urlencode(told)}", None
