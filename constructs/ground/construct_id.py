"""Ids of constructs that are made from names."""


def construct_id_of(name: str) -> str:
    """films_of_the_week: FilmsOfTheWeek."""
    return "".join(word.capitalize() for word in name.split("_"))
