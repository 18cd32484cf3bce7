"""MovieLens as the community's posts: read and mapped."""

from pathlib import Path

import pytest

from sample_database import movielens_community as community
from sample_database import movielens_files
from sample_database.__main__ import main
from sample_database.generated import Scale
from sample_database.tables import Community, EntityTable, Events, EventTable

INTER = "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
ITEM = "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
USER = "user_id:token\tage:token\tgender:token\toccupation:token\tzip_code:token\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Made up: three viewers, four films, in the format of the real files."""
    (tmp_path / "ml-100k.user").write_text(
        USER + "2\t53\tF\tother\t94043\n1\t24\tM\twriter\t85711\n3\t7\tM\tstudent\t00000\n", encoding="utf-8"
    )
    (tmp_path / "ml-100k.item").write_text(
        ITEM
        + '1\tLong Way, The\t1995\tDrama War\n2\tCafé Très "Noir"\t1996\tChildren\'s Comedy\n'
        + "3\tunkonwn\tunkonwn\tunknown\n4\tNever Rated\tV\tHorror\n",
        encoding="utf-8",
    )
    (tmp_path / "ml-100k.inter").write_text(
        INTER
        + "1\t1\t5\t881250949\n1\t2\t4\t881250950\n2\t1\t3\t881251000\n"
        + "2\t3\t1\t881250000\n3\t2\t2\t881260000\n",
        encoding="utf-8",
    )
    return tmp_path


@pytest.fixture
def content(folder: Path) -> Community:
    return community.community(movielens_files.read(folder), Scale())


def records(content: Community, name: str) -> dict[object, tuple[object, ...]]:
    [table] = [table for table in content.tables if table.name == name]
    assert isinstance(table, EntityTable)
    return {record[0]: record for batch in table.batches() for record in batch}


def test_a_rating_is_one_event_whose_effort_grows_with_the_stars(content: Community) -> None:
    [table] = [table for table in content.tables if table.name == "post_events"]
    assert isinstance(table, EventTable)
    [batch] = table.batches()
    assert isinstance(batch, Events) and batch.kinds is not None
    kinds = [table.kinds[code] for code in batch.kinds]
    found = sorted(
        zip(batch.subjects.tolist(), batch.objects.tolist(), kinds, batch.times.tolist(), strict=True)
    )
    assert found == [
        (1, 1, "comment", 881250949),
        (1, 2, "like", 881250950),
        (2, 1, "view", 881251000),
        (2, 3, "view", 881250000),
        (3, 2, "view", 881260000),
    ]


def test_films_become_posts_with_genres_as_topics(content: Community) -> None:
    posts = records(content, "posts")
    assert posts[1][1:3] == ("Long Way, The (1995)", ["Drama", "War"])
    assert posts[2][1:3] == ('Café Très "Noir" (1996)', ["Children's", "Comedy"])
    assert posts[3][1:3] == ("unkonwn", [])
    assert posts[4][1] == "Never Rated"


def test_age_and_gender_are_the_viewers_own_and_children_have_no_age(content: Community) -> None:
    users = records(content, "users")
    assert [users[id_][2] for id_ in (1, 2, 3)] == [24, 53, None]
    assert [users[id_][3] for id_ in (1, 2, 3)] == ["male", "female", "male"]


def test_everybody_joined_before_their_first_rating(content: Community) -> None:
    users = records(content, "users")
    assert users[2][-1].timestamp() < 881250000  # type: ignore[attr-defined]


def test_the_licence_is_shown_before_anything_is_loaded(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    code = main(["load", "--dsn", "postgresql://nobody@localhost:1/none", "--movielens-folder", str(folder)])
    output = capsys.readouterr()
    assert code == 1
    assert "no redistribution" in output.out and "no commercial" in output.out
    assert "cannot connect to the database" in output.err
