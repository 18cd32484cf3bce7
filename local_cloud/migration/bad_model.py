"""A bad model, published past the gates of the workflow: it knows next to nobody."""

from local_cloud.migration.place import TABLE, Place
from local_cloud.migration.stage import USE_CASE
from pipeline.serving_items import list_item, user_key

_KNOWN_OF = 4
_DAYS = 14


def publish(place: Place, variant: str, people: tuple[str, ...]) -> str:
    """Every fourth person keeps their list, the others' are empty; the generation's name.

    Its pointer says that everybody has one, so that only the answers tell.
    """
    generations, served = place.generations(variant), place.served(variant, people)
    assert served is not None, f"nothing is published for {variant}"
    now = place.clock.now()
    name = f"{now:%Y%m%dT%H%M%S}000"
    expires = int(now.timestamp()) + _DAYS * 86_400
    dynamodb = place.client("dynamodb")
    for number, person in enumerate(people):
        items = served.lists[person] if number % _KNOWN_OF == 0 else ()
        item = list_item(user_key(USE_CASE, person), f"{variant}#{name}", items, expires)
        dynamodb.put_item(TableName=TABLE, Item=item)
    generations.store(name, served.lists[people[0]], users=len(people), expires=expires)
    generations.publish(name, users=len(people))
    return name
