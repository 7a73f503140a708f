"""The walk knows every address there is."""

import pytest
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import path, resolve

from tests.walls.people import make_worlds
from tests.walls.routes import (
    OPTED_OUT,
    PUBLIC,
    VALUES,
    Route,
    all_routes,
    walked_routes,
)
from tests.walls.world import ABSENT, World

# The theme's pages of these are there, behind ours.
SHADOWED = {"admin:password_change", "admin:search"}
WORLD = World("Quokka", 7_000_001)


@pytest.mark.django_db
def test_every_route_has_addresses_that_lead_to_it():
    for route in walked_routes():
        for address in route.addresses(WORLD):
            assert "%" not in address
            reached = resolve(address).func
            assert reached is route.callback or route.name in SHADOWED, address


def test_who_is_not_walked_or_open_to_all_is_known_and_says_why():
    names = {route.name for route in all_routes()}

    for table in (OPTED_OUT, PUBLIC):
        assert table.keys() <= names, "an entry without a route"
        assert all(len(reason) > 5 for reason in table.values())


def test_what_an_argument_can_be_is_said_of_arguments_there_are():
    arguments = {
        name
        for route in all_routes()
        for argument in route.arguments
        for name in (argument, f"{route.name}.{argument}")
    }

    assert VALUES.keys() <= arguments


def test_an_argument_nobody_explained_stops_the_walk():
    route = Route("a", "/a/%(colour)s/", ("colour",), {}, lambda request: None)

    with pytest.raises(LookupError, match="What can “colour” be in a"):
        route.addresses(WORLD)


def test_places_of_an_address_are_mixed_between_worlds():
    names = ("client_id", "shop_id")
    route = Route("a", "/%(client_id)s/%(shop_id)s/", names, {}, lambda request: None)

    assert route.addresses(WORLD) == ["/7000001/7000001/"]
    assert route.addresses(WORLD, ABSENT) == ["/7000001/9000001/", "/9000001/7000001/"]


def test_a_new_route_joins_by_itself(settings):
    settings.ROOT_URLCONF = (path("new/<int:pk>/", lambda request, pk: HttpResponse()),)

    assert [route.addresses(WORLD) for route in all_routes()] == [["/new/7000001/"]]


@pytest.mark.django_db
def test_the_token_of_a_closed_door_names_nobody():
    """Of an invitation that was accepted, and a link that was used."""
    theirs = make_worlds().theirs

    for address in (
        f"/account/invitation/{theirs.told['invitation']}/",
        f"/platforms/grant/{theirs.told['link']}/",
    ):
        for answer in (Browser().get(address), Browser().post(address)):
            words = answer.content.decode()
            assert "has been used" in words
            assert theirs.word not in words
