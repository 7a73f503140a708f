"""The platform's categories: kept a day, found by words, asked for when old."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.integrations.contracts import (
    AttributeValue,
    CategoryRules,
    RemoteAttribute,
    RemoteCategory,
    RemoteCertification,
)
from apps.integrations.errors import PlatformUnavailable
from apps.platforms.services import clients
from apps.products.errors import CategoryUnknown
from apps.products.models import CategoryFacts, ChannelCategory
from apps.products.services import taxonomy
from apps.products.services.taxonomy_facts import as_json, attributes_of, rules_of
from tests.factories.platforms import make_shop
from tests.products.publishing_support import CATEGORY, open_shop

TREE = [
    RemoteCategory("1", "0", "Möbel", is_leaf=False, permission="AVAILABLE"),
    RemoteCategory("2", "1", "Stühle & Tische", is_leaf=False, permission="AVAILABLE"),
    RemoteCategory("3", "2", "Café-Tische", is_leaf=True, permission="AVAILABLE"),
    RemoteCategory("4", "2", "Stühle", is_leaf=True, permission="PROHIBITED"),
    RemoteCategory("5", "0", "ตะกร้า", is_leaf=True, permission="AVAILABLE"),
]


class Told:
    """A platform that tells what it is given, and counts."""

    def __init__(self, tree=None):
        self.tree = tree or []
        self.asked = 0
        self.attributes: list[RemoteAttribute] = []

    def categories(self, *, keyword=""):
        self.asked += 1
        return self.tree

    def category_attributes(self, category_id):
        self.asked += 1
        return self.attributes

    def category_rules(self, category_id):
        return CategoryRules()


@pytest.fixture
def platform(monkeypatch):
    told = Told(TREE)
    monkeypatch.setattr(taxonomy, "client_at_page", lambda *_, **__: told)
    return told


@pytest.fixture
def shop(db):
    return make_shop()


def names(rows):
    return [row.name for row in rows]


def test_a_tree_is_stored_with_its_paths_and_replaced_as_a_whole(shop, platform):
    assert taxonomy.refresh_categories(shop) == 5
    assert ChannelCategory.objects.get(remote_id="3").path == (
        "Möbel > Stühle & Tische > Café-Tische"
    )
    kept = ChannelCategory.objects.get(remote_id="1").pk

    platform.tree = [TREE[0], RemoteCategory("9", "1", "Sofas", is_leaf=True)]
    taxonomy.refresh_categories(shop)

    assert set(names(ChannelCategory.objects.all())) == {"Möbel", "Sofas"}
    assert ChannelCategory.objects.get(remote_id="1").pk == kept


def test_an_empty_answer_forgets_nothing(shop, platform):
    taxonomy.refresh_categories(shop)
    platform.tree = []

    assert taxonomy.refresh_categories(shop) == 5
    assert ChannelCategory.objects.count() == 5


def test_a_tree_is_asked_for_again_after_a_day(shop, platform):
    taxonomy.refresh_categories(shop, only_if_old=True)
    taxonomy.refresh_categories(shop, only_if_old=True)
    assert platform.asked == 1

    old = timezone.now() - timedelta(hours=25)
    ChannelCategory.objects.update(fetched_at=old)
    taxonomy.refresh_categories(shop, only_if_old=True)

    assert platform.asked == 2


def test_shops_have_trees_of_their_own(shop, platform):
    other = make_shop(shop.client)
    taxonomy.refresh_categories(shop)
    taxonomy.refresh_categories(other)
    platform.tree = TREE[:1]

    taxonomy.refresh_categories(other)

    assert len(taxonomy.find_categories(shop, "stuhle")) == 3
    assert taxonomy.find_categories(other, "stuhle") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("stuhle", ["Stühle & Tische", "Stühle", "Café-Tische"]),
        ("CAFE TISCH", ["Café-Tische"]),
        ("tisch mob", ["Stühle & Tische", "Stühle", "Café-Tische"]),
        ("", ["Möbel", "ตะกร้า"]),
        ("4", ["Stühle"]),
        ("กร้า", ["ตะกร้า"]),
        ("able", []),
    ],
)
def test_categories_are_found_by_words_of_their_path(shop, platform, text, found):
    taxonomy.refresh_categories(shop)

    assert names(taxonomy.find_categories(shop, text)) == found


def test_only_leaves_and_only_so_many_are_found(shop, platform):
    taxonomy.refresh_categories(shop)

    leaves = taxonomy.find_categories(shop, "mobel", only_leaves=True)
    assert names(leaves) == ["Stühle", "Café-Tische"]
    assert [row.is_usable for row in leaves] == [False, True]
    assert len(taxonomy.find_categories(shop, "mobel", limit=2)) == 2


def test_a_tree_with_a_loop_ends(shop, platform):
    platform.tree = [
        RemoteCategory("1", "2", "A", is_leaf=False),
        RemoteCategory("2", "1", "B", is_leaf=False),
    ]

    taxonomy.refresh_categories(shop)

    assert ChannelCategory.objects.get(remote_id="1").path == "B > A"


def test_what_a_category_asks_comes_back_from_the_table_as_it_was_told(shop):
    attributes = [
        RemoteAttribute(
            "1",
            "Power",
            is_sales=False,
            is_required=True,
            values=(AttributeValue("2", "Mains"),),
            conditions=(("3", "4"),),
        )
    ]
    rules = CategoryRules(
        certifications=(
            RemoteCertification("5", "CE", is_required=False, conditions=(("1", "2"),)),
        ),
        special_types=("PRE_ORDER",),
        cod_supported=False,
    )
    stored_attributes, stored_rules = as_json(attributes, rules)
    stored_attributes[0]["of_an_older_version"] = 1
    stored_rules["of_an_older_version"] = 1
    row = CategoryFacts.objects.create(
        shop=shop,
        category_remote_id="6",
        attributes=stored_attributes,
        rules=stored_rules,
        fetched_at=timezone.now(),
    )
    row.refresh_from_db()

    assert attributes_of(row) == tuple(attributes)
    assert rules_of(row) == rules


def test_facts_are_asked_for_once_a_day_or_when_wanted_fresh(shop, platform):
    taxonomy.facts_of(shop, "3")
    taxonomy.facts_of(shop, "3")
    assert platform.asked == 1
    taxonomy.facts_of(shop, "3", fresh=True)
    CategoryFacts.objects.update(fetched_at=timezone.now() - timedelta(hours=25))
    taxonomy.facts_of(shop, "3")
    assert platform.asked == 3
    assert CategoryFacts.objects.count() == 1


def test_a_failed_call_leaves_what_is_stored(shop, platform, monkeypatch):
    taxonomy.refresh_categories(shop)

    def away(*_, **__):
        raise PlatformUnavailable("Away.")

    monkeypatch.setattr(taxonomy, "client_at_page", away)
    with pytest.raises(PlatformUnavailable):
        taxonomy.refresh_categories(shop)
    assert ChannelCategory.objects.count() == 5


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("region", ["US", "MY", "DE"])
def test_trees_facts_and_brands_come_from_the_platform(simulator, region):
    shop = open_shop(simulator, region)
    assert taxonomy.refresh_categories(shop) > 100

    facts = taxonomy.facts_for(shop, CATEGORY)
    assert facts.path.count(">") >= 2
    assert facts.is_leaf
    assert any(each.is_required for each in facts.product_attributes)
    assert facts.rules.manufacturer_required is (region == "DE")
    root = taxonomy.find_categories(shop, "", limit=1)[0]
    assert not taxonomy.facts_for(shop, root.remote_id).is_leaf
    assert taxonomy.facts_for(shop, "1").path == ""
    with pytest.raises(CategoryUnknown, match="Choose a category"):
        taxonomy.facts_of(shop, root.remote_id)
    assert taxonomy.recommend(shop, "Food containers with lids")
    assert taxonomy.recommend(shop, " ") == ""
    assert taxonomy.brands(shop).brands
    assert clients.client_for(shop)
