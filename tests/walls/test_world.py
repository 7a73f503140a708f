"""The worlds that are walked hold one of everything, and all of it is marked."""

import pytest
from django.apps import apps

from tests.walls.people import make_worlds
from tests.walls.world import NOBODYS, UNMARKED, owned_models, unmarked_texts

pytestmark = pytest.mark.django_db


def test_every_model_has_a_row_in_each_world_or_is_said_to_be_nobodys():
    worlds = make_worlds()

    for world in (worlds.ours, worlds.theirs):
        for model in owned_models():
            assert model._default_manager.filter(pk=world[model].pk).exists(), model
            assert world[model].pk in (world.key, *world.told.values()) or str(
                world[model].pk
            ).startswith(world.word.lower())


def test_every_text_of_a_row_bears_the_worlds_word_or_says_why_not():
    worlds = make_worlds()

    for world in (worlds.ours, worlds.theirs):
        assert set(unmarked_texts(world)) == UNMARKED.keys()


def test_the_shop_beside_shares_its_client_and_nothing_that_hangs_on_a_shop():
    worlds = make_worlds()

    assert worlds.beside.client == worlds.ours.client
    assert worlds.beside.shop != worlds.ours.shop
    assert worlds.beside.shop.client == worlds.ours.client
    own = {m.__name__ for m, row in worlds.beside.rows.items() if row.pk == 6_000_001}
    assert {"Shop", "Order", "Buyer", "SyncRun", "ApiCall", "AuditEntry"} <= own


def test_what_belongs_to_nobody_exists_and_has_a_reason():
    known = {model._meta.label for model in apps.get_models()}

    assert NOBODYS.keys() <= known
    assert all(len(reason) > 5 for reason in NOBODYS.values())
    assert all(len(reason) > 3 for reason in UNMARKED.values())
