"""What is listed, described and tagged."""

from tests.personalize_server.support.journey import Journey, schema_text
from tests.personalize_server.support.refusals import code


def test_pages_hold_every_resource_once(journey: Journey) -> None:
    api, group = journey.personalize, journey.group()
    dataset = journey.dataset(group)
    expression = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")'
    made = [
        api.create_filter(name=f"{journey.name}-{n}", datasetGroupArn=group, filterExpression=expression)
        for n in range(7)
    ]
    pages = list(
        api.get_paginator("list_filters").paginate(datasetGroupArn=group, PaginationConfig={"PageSize": 3})
    )
    assert [len(page["Filters"]) for page in pages] == [3, 3, 1]
    listed = [entry["filterArn"] for page in pages for entry in page["Filters"]]
    assert listed == [entry["filterArn"] for entry in made]
    assert "filterExpression" not in pages[0]["Filters"][0]
    token = pages[0]["nextToken"]
    for call, more in (
        (api.list_filters, {}),
        (api.list_datasets, {"datasetGroupArn": group}),
        (api.list_filters, {"datasetGroupArn": dataset}),
    ):
        assert code(call, nextToken=token, **more) == "InvalidNextTokenException"
    assert code(api.list_filters, nextToken="never given out") == "InvalidNextTokenException"


def test_tags_are_kept_changed_and_limited(journey: Journey) -> None:
    api = journey.personalize
    tags = [{"tagKey": "owner", "tagValue": "data"}, {"tagKey": "stage", "tagValue": ""}]
    group = api.create_dataset_group(name=journey.name, tags=tags)["datasetGroupArn"]
    assert api.list_tags_for_resource(resourceArn=group)["tags"] == tags
    api.tag_resource(resourceArn=group, tags=[{"tagKey": "stage", "tagValue": "dev"}])
    api.untag_resource(resourceArn=group, tagKeys=["owner", "none"])
    assert api.list_tags_for_resource(resourceArn=group)["tags"] == [{"tagKey": "stage", "tagValue": "dev"}]
    many = [{"tagKey": f"k{n}", "tagValue": "v"} for n in range(50)]
    assert code(api.tag_resource, resourceArn=group, tags=many) == "TooManyTagsException"
    schema = api.create_schema(name=journey.name, schema=schema_text("Users"))["schemaArn"]
    assert code(api.tag_resource, resourceArn=schema, tags=many[:1]) == "InvalidInputException"
