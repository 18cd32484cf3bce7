"""Ids of constructs that are made from names."""


def construct_id_of(name: str) -> str:
    """training_programs: TrainingPrograms."""
    return "".join(word.capitalize() for word in name.split("_"))
