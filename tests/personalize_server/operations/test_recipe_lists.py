"""The service's recipes as saved outputs of the official sample notebooks have them.

Of aws-samples/amazon-personalize-samples: personalize_aws_similar_items_example.ipynb (December 2022),
01_Recommender-Agent_Configure-Personalize-Resources.ipynb (2024) and
Building_Your_First_Recommender_Video_On_Demand.ipynb.
"""

from datetime import UTC, datetime
from typing import Any

LISTED = {
    "aws-ecomm-customers-who-viewed-x-also-viewed": "2019-06-10",
    "aws-ecomm-frequently-bought-together": "2019-06-10",
    "aws-ecomm-popular-items-by-purchases": "2019-06-10",
    "aws-ecomm-popular-items-by-views": "2019-06-10",
    "aws-ecomm-recommended-for-you": "2019-06-10",
    "aws-item-affinity": "2021-07-15",
    "aws-item-attribute-affinity": "2021-08-25",
    "aws-next-best-action": "2023-08-11",
    "aws-personalized-ranking": "2019-06-10",
    "aws-personalized-ranking-v2": "2024-01-01",
    "aws-popularity-count": "2019-06-10",
    "aws-similar-items": "2019-06-10",
    "aws-sims": "2019-06-10",
}
"""in the order of the outputs, with their creationDateTime"""
UPDATED = datetime(2024, 6, 19, 16, 47, 19, 191000, tzinfo=UTC)


def test_recipes_come_in_order_with_the_services_dates(personalize: Any) -> None:
    pages = personalize.get_paginator("list_recipes").paginate()
    recipes = [recipe for page in pages for recipe in page["recipes"]]
    names = [recipe["name"] for recipe in recipes]
    assert names == sorted(set(names))
    assert [name for name in names if name in LISTED] == list(LISTED)
    assert not [name for name in names if name.startswith("aws-hrnn")]
    for recipe in recipes:
        created = LISTED.get(recipe["name"])
        if created:
            assert recipe["creationDateTime"] == datetime.fromisoformat(f"{created}T00:00:00Z")
            assert recipe["lastUpdatedDateTime"] == UPDATED
        assert recipe["status"] == "ACTIVE"


def test_a_recipe_is_described_as_it_is_listed_with_what_stands_behind_it(personalize: Any) -> None:
    for page in personalize.get_paginator("list_recipes").paginate():
        for recipe in page["recipes"]:
            described = personalize.describe_recipe(recipeArn=recipe["recipeArn"])["recipe"]
            assert {**described, **recipe, "domain": None} == {**described, "domain": None}
            for kind in ("algorithm", "featureTransformation"):
                arn = described[f"{kind}Arn"]
                word = "feature_transformation" if kind != "algorithm" else kind
                behind = getattr(personalize, f"describe_{word}")(**{f"{kind}Arn": arn})[kind]
                assert (behind["name"], behind[f"{kind}Arn"]) == (arn.rpartition("/")[2], arn)


def test_a_domains_recipes_may_not_be_on_the_first_page(personalize: Any) -> None:
    """So that the notebooks look at a second one."""
    first = personalize.list_recipes(domain="VIDEO_ON_DEMAND")
    assert first["recipes"] == []
    rest = personalize.list_recipes(domain="VIDEO_ON_DEMAND", nextToken=first["nextToken"])["recipes"]
    assert "aws-vod-top-picks" in {recipe["name"] for recipe in rest}
    assert {recipe["domain"] for recipe in rest} == {"VIDEO_ON_DEMAND"}
    shop = personalize.list_recipes(domain="ECOMMERCE")["recipes"]
    assert [recipe["name"] for recipe in shop] == [name for name in LISTED if "ecomm" in name]
