"""The demo of the tests' business."""

from config.types.demonstration import Demo, Say
from tests.app.support.business.data import load


def _data(dsn: str, say: Say) -> str:
    load(dsn)
    return "300 people with tastes"


DEMO = Demo(
    sources={"tastes": _data},
    few=_data,
    people="SELECT id::text, name, concat_ws(', ', age, gender, country) AS about FROM users",
    tastes="""
        SELECT user_id::text AS id, topic, count(*) AS likes
        FROM post_events JOIN posts ON posts.id = post_id CROSS JOIN unnest(topics) AS topic
        WHERE event_type <> 'view' GROUP BY 1, 2
    """,
    labels={
        "users_to_follow": "SELECT id::text, name AS label FROM users",
        "training_programs": "SELECT id::text, category || ': ' || title AS label FROM programs",
        "similar_programs": "SELECT id::text, category || ': ' || title AS label FROM programs",
        "posts": "SELECT id::text, title || ' [' || topics[1] || ']' AS label FROM posts",
    },
)
