"""A category guessed from a title."""

import pytest

from apps.simulator.world.catalogue import grow_catalogue
from apps.simulator.world.regions import REGIONS
from apps.simulator.world.suitability import suitable
from apps.simulator.world.taxonomy import categories
from tests.simulator.desk import GB, US, Desk
from tests.simulator_server import SimulatorServer


@pytest.fixture
def us(server: SimulatorServer) -> Desk:
    return Desk(server, US)


@pytest.fixture
def gb(server: SimulatorServer) -> Desk:
    return Desk(server, GB)


@pytest.mark.parametrize("region", REGIONS)
def test_everything_the_shops_sell_has_a_leaf(region: str):
    market = REGIONS[region]
    titles = {product.title for product in grow_catalogue(7, 0, market).products}

    for title in titles:
        leaf = suitable(market, title)
        assert leaf, title
        assert leaf.is_leaf
        assert leaf.permission == "AVAILABLE"


def test_ids_are_unique_over_all_markets():
    names: dict[str, str] = {}
    for region in REGIONS.values():
        for one in categories(region):
            assert names.setdefault(one.id, one.names["en"]) == one.names["en"]


def test_a_recommendation_is_a_leaf_with_its_chain(us: Desk):
    data = us.recommend("Ceramic pour-over coffee set, white")["data"]

    assert [row["name"] for row in data["categories"]] == [
        "Kitchenware", "Tea & Coffeeware", "Coffee Drippers & Pots",
        "Pour-over Coffee Sets",
    ]  # fmt: skip
    assert [row["level"] for row in data["categories"]] == [1, 2, 3, 4]
    assert [row["is_leaf"] for row in data["categories"]] == [False] * 3 + [True]
    assert data["categories"][-1]["id"] == data["leaf_category_id"]
    assert data["categories"][-1]["permission_statuses"] == ["AVAILABLE"]


def test_a_description_helps_a_title_that_says_nothing(gb: Desk):
    assert gb.recommend("Model 5 in blue")["code"] == 12019064

    reply = gb.recommend("Model 5 in blue", description="A towel for the beach")

    assert reply["data"]["categories"][-1]["name"] == "Towels"


def test_prohibited_categories_are_recommended_on_demand(gb: Desk):
    assert gb.recommend("Aged whisky")["code"] == 12019064

    reply = gb.recommend("Aged whisky", include_prohibited_categories=True)

    assert reply["data"]["categories"][-1]["permission_statuses"] == ["PROHIBITED"]


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("", 12052261),
        ("   ", 12052261),
        ("Yoga mat " + "x" * 247, 12052051),
        ("Yoga mat &amp; bag", 12052931),
        ("Yoga mat \N{PERSON IN LOTUS POSITION}", 12052931),
        ("Yoga\x07 mat", 12052931),
        ("瑜伽垫 yoga mat", 12052262),
        (["Yoga mat"], 36009004),
    ],
)
def test_a_title_that_cannot_be_one_is_refused(gb: Desk, title: object, code: int):
    assert gb.recommend(title)["code"] == code


def test_the_longest_title_and_an_ampersand_pass(gb: Desk):
    assert gb.recommend(("Yoga mat & bag 60° " * 20)[:254] + "x")["code"] == 0


def test_a_recommendation_takes_the_markets_version(us: Desk):
    assert us.recommend("Yoga mat", category_version="v1")["code"] == 12052217


def test_pictures_of_a_recommendation_are_known_ones(gb: Desk):
    def code(images: object) -> int:
        return int(gb.recommend("Yoga mat", images=images)["code"])

    assert code([{"uri": "tos-seed/1729382000000000001/0"}]) == 0
    assert code([{"uri": "tos-made-up/1"}]) == 12052722
    assert code([{}]) == 12019009
    assert code("one") == 12019009
