"""Generated people: names, countries, strength; behind each a hidden mixture of interests."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from sample_database.generated_interests import INTERESTS, Shelf
from sample_database.tables import Record, moment
from trial_data.arrays import Floats, Ints

_FIRST = {
    "female": "Ada Amina Anna Beatriz Camille Chloe Dina Elena Emma Fatima Freya Grace Hana Ines Ingrid "
    "Iris Jana Julia Kim Lena Lucia Maja Maria Mei Mila Nadia Nora Olivia Priya Rosa Sara Sofia Tara Vera "
    "Yuki Zoe",
    "male": "Adam Ahmed Alex Ben Carlos Daniel David Diego Emil Erik Felix Finn Hugo Ivan Jack Jan Jonas "
    "Karim Kenji Leo Liam Luca Marco Mateo Max Milan Noah Omar Oscar Pavel Raj Samuel Theo Tomas Victor Wei",
    "other": "Alexis Andrea Ariel Avery Charlie Dominique Eden Jamie Jules Kai Kit Lou Morgan Noor Quinn "
    "Riley Robin Rowan Sam Sasha Sky Taylor Toni Yael",
}
_LAST = (
    "Abbas Andersen Baker Bauer Bianchi Carter Chen Costa Diaz Dubois Evans Fischer Garcia Gruber Haddad "
    "Hansen Ito Jensen Jones Khan Kim Kowalski Larsen Lopez Mancini Martin Meyer Moreau Muller Nguyen "
    "Novak Okafor Olsen Patel Pereira Popov Rossi Sato Schmidt Silva Singh Smith Tanaka Torres Varga "
    "Virtanen Weber Wilson Wong Yilmaz"
)
COUNTRIES = ("DE", "US", "GB", "FR", "IT", "ES", "NL", "AT", "CH", "SE", "PL", "PT", "BR", "IN", "JP", "CA")
_COUNTRY_SHARES = (20, 16, 11, 9, 8, 7, 5, 4, 4, 3, 3, 3, 2, 2, 2, 1)
STRENGTH = ("beginner", "intermediate", "advanced", "elite")
GENDERS = ("female", "male", "other")


@dataclass(frozen=True)
class People:
    """A block of people; arrays of one length, `interests` (people, INTERESTS). Age 0 means not told."""

    ids: Ints
    ages: Ints
    genders: Ints
    countries: Ints
    strengths: Ints
    joined: Ints
    interests: Floats

    def __len__(self) -> int:
        return len(self.ids)

    def records(self) -> list[Record]:
        """Rows of the table users, with a generated name each."""
        countries = [COUNTRIES[code] for code in self.countries]
        strengths = [STRENGTH[code] for code in self.strengths]
        return [
            (id_, _name(id_, gender), age or None, gender, country, strength, moment(joined))
            for id_, age, gender, country, strength, joined in zip(
                self.ids.tolist(),
                self.ages.tolist(),
                (GENDERS[code] for code in self.genders),
                countries,
                strengths,
                self.joined.tolist(),
                strict=True,
            )
        ]


@dataclass(frozen=True)
class Population:
    """Everybody, in blocks that can be made again at any time and in any order."""

    blocks: int
    block: Callable[[int], People]

    def __iter__(self) -> Iterator[People]:
        return (self.block(number) for number in range(self.blocks))


def countries(rng: np.random.Generator, people: int) -> Ints:
    shares = np.array(_COUNTRY_SHARES) / sum(_COUNTRY_SHARES)
    return rng.choice(len(COUNTRIES), size=people, p=shares).astype(np.int64)


def strengths(rng: np.random.Generator, ages: Ints) -> Ints:
    """Index into STRENGTH; the best years are around thirty."""
    form = rng.normal(1.2, 0.9, size=len(ages)) - np.where(ages > 0, np.abs(ages - 30) / 40, 0.4)
    return np.clip(np.rint(form), 0, len(STRENGTH) - 1).astype(np.int64)


def people_shelf(rng: np.random.Generator, population: Population) -> Shelf:
    """Whom to follow: people by their main interest, some far more visible than others."""
    ids, main = [], []
    for people in population:
        ids.append(people.ids)
        main.append(people.interests.argmax(axis=1).astype(np.int8))
    shuffled = rng.permutation(sum(map(len, ids)))
    everyone, interests = np.concatenate(ids)[shuffled], np.concatenate(main)[shuffled]
    return Shelf.stack([everyone[interests == number] for number in range(len(INTERESTS))], everyone)


def _name(id_: int, gender: str) -> str:
    # Steps through all pairs before it repeats one, in an order that does not look like one.
    first, last = _FIRST[gender].split(), _LAST.split()
    pair = id_ * 2_654_435_761 % (len(first) * len(last))
    return f"{first[pair % len(first)]} {last[pair // len(first)]}"
