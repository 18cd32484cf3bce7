"""The demo of the sample business: how its database is filled, and what its people and items are called."""

from pathlib import Path

from config.types.demonstration import Demo
from sample_database import sources

DEMO = Demo(
    sources={"movielens": sources.movielens_100k, "generated": sources.generated},
    few=sources.few,
    people="""
        SELECT id::text, name, concat_ws(', ', age, gender, country, strength_category) AS about FROM users
    """,
    tastes="""
        SELECT user_id::text AS id, topic, count(*) AS likes
        FROM post_events JOIN posts ON posts.id = post_id CROSS JOIN unnest(topics) AS topic
        WHERE event_type <> 'view' GROUP BY 1, 2
    """,
    labels={
        "users_to_follow": "SELECT id::text, concat_ws(', ', name, age, country) AS label FROM users",
        "training_programs": "SELECT id::text, category || ': ' || title AS label FROM programs",
        "similar_programs": "SELECT id::text, category || ': ' || title AS label FROM programs",
        "posts": """
            SELECT id::text,
                   title || coalesce(' [' || nullif(array_to_string(topics[1:2], ', '), '') || ']', '')
                   AS label
            FROM posts
        """,
    },
    page=Path(__file__).parents[1] / "sample_page",
)
