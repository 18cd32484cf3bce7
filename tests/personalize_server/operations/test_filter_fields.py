"""How many distinct fields all filters of a dataset group may be about."""

import pytest

from tests.personalize_server.support.journey import Journey, schema_text


def test_the_filters_of_a_group_are_about_twenty_fields_at_most(journey: Journey) -> None:
    api, group = journey.personalize, journey.group()
    more = ({"name": f"F{n}", "type": "string", "categorical": True} for n in range(24))
    journey.dataset(group)
    journey.dataset(group, "Items", schema_text("Items", *more))
    journey.dataset(group, "Users")

    def made(name: str, condition: str) -> str:
        expression = f"INCLUDE ItemID WHERE {condition}"
        answer = api.create_filter(
            name=f"{journey.name}-{name}", datasetGroupArn=group, filterExpression=expression
        )
        return str(answer["filterArn"])

    for half in (0, 10):
        made(f"h{half}", " AND ".join(f'Items.F{n} = "a"' for n in range(half, half + 10)))
    with pytest.raises(api.exceptions.LimitExceededException, match="20 distinct fields"):
        made("next", 'Items.F20 = "a"')
    with pytest.raises(api.exceptions.LimitExceededException, match="20 distinct fields"):
        made("users", 'Items.F1 = "a" IF CurrentUser.AGE > 3')
    arn = made("again", 'items.f3 = "b" AND Items.F12 = "c"')
    api.delete_filter(filterArn=arn)
    made("yet-again", 'Items.F19 = "b"')
