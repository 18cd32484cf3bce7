-- The database of the tests' business: its tables, and people with tastes, the same ones every time.
-- Settings say how many: business.users, business.programs, business.posts.

DROP TABLE IF EXISTS post_events, posts, program_events, programs, profile_views, follows, contacts, users CASCADE;

CREATE TABLE users (
    id                bigint PRIMARY KEY,
    name              text NOT NULL,
    age               smallint CHECK (age BETWEEN 13 AND 120),
    gender            text CHECK (gender IN ('female', 'male', 'other')),
    country           char(2),
    strength_category text CHECK (strength_category IN ('beginner', 'intermediate', 'advanced', 'elite')),
    created_at        timestamptz NOT NULL
);
CREATE TABLE contacts (
    user_id        bigint PRIMARY KEY REFERENCES users,
    email          text,
    language       char(2),
    in_app_consent boolean NOT NULL DEFAULT false,
    push_consent   boolean NOT NULL DEFAULT false,
    email_consent  boolean NOT NULL DEFAULT false,
    quiet          boolean NOT NULL DEFAULT false
);
CREATE TABLE follows (
    follower_id bigint NOT NULL REFERENCES users,
    followed_id bigint NOT NULL REFERENCES users,
    followed_at timestamptz NOT NULL,
    PRIMARY KEY (follower_id, followed_id),
    CHECK (follower_id <> followed_id)
);
CREATE TABLE profile_views (
    viewer_id bigint NOT NULL REFERENCES users,
    viewed_id bigint NOT NULL REFERENCES users,
    viewed_at timestamptz NOT NULL
);
CREATE TABLE programs (
    id           bigint PRIMARY KEY,
    title        text NOT NULL,
    level        text NOT NULL,
    category     text NOT NULL,
    equipment    text[] NOT NULL DEFAULT '{}',
    published_at timestamptz NOT NULL
);
CREATE TABLE program_events (
    user_id     bigint NOT NULL REFERENCES users,
    program_id  bigint NOT NULL REFERENCES programs,
    event_type  text NOT NULL CHECK (event_type IN ('view', 'join', 'complete')),
    occurred_at timestamptz NOT NULL
);
CREATE TABLE posts (
    id           bigint PRIMARY KEY,
    title        text NOT NULL,
    topics       text[] NOT NULL DEFAULT '{}',
    published_at timestamptz NOT NULL
);
CREATE TABLE post_events (
    user_id     bigint NOT NULL REFERENCES users,
    post_id     bigint NOT NULL REFERENCES posts,
    event_type  text NOT NULL CHECK (event_type IN ('view', 'like', 'comment')),
    occurred_at timestamptz NOT NULL
);

-- A number in [0, 1) that looks random and is the same for the same words.
CREATE FUNCTION pg_temp.chance(words text) RETURNS double precision LANGUAGE sql IMMUTABLE AS
    $$ SELECT ('x' || left(md5(words), 8))::bit(32)::bigint / 4294967296.0 $$;

-- A taste and what is of it have the same rest when divided by the number of tastes.
CREATE FUNCTION pg_temp.chosen(words text, person bigint, count int, fidelity double precision) RETURNS bigint
    LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN pg_temp.chance(words || ' faithful') < fidelity
                THEN (person - 1) % 12 + 12 * floor(pg_temp.chance(words) ^ 2 * ceil((count - (person - 1) % 12) / 12.0))::bigint
                ELSE floor(pg_temp.chance(words) ^ 2 * count)::bigint
           END + 1
    $$;

CREATE FUNCTION pg_temp.moment(words text) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS
    $$ SELECT timestamptz '2025-01-02 00:00:00+00' + floor(pg_temp.chance(words || ' when') * 31363200) * interval '1 second' $$;

INSERT INTO users
SELECT id,
       'Member ' || id,
       CASE WHEN pg_temp.chance('age told ' || id) < 0.95 THEN 16 + floor(pg_temp.chance('age ' || id) * 60) END,
       (ARRAY ['female', 'male', 'other'])[1 + floor(pg_temp.chance('gender ' || id) * 2.05)::int],
       (ARRAY ['DE', 'AT', 'US', 'GB', 'FR'])[1 + floor(pg_temp.chance('country ' || id) * 5)::int],
       (ARRAY ['beginner', 'intermediate', 'advanced', 'elite'])[1 + floor(pg_temp.chance('strength ' || id) * 4)::int],
       timestamptz '2024-06-01 00:00:00+00' + id * interval '1 hour'
FROM generate_series(1, current_setting('business.users')::int) AS id;

INSERT INTO contacts
SELECT id,
       CASE WHEN pg_temp.chance('address ' || id) < 0.98 THEN 'member' || id || '@example.com' END,
       CASE country WHEN 'DE' THEN 'de' WHEN 'AT' THEN 'de' WHEN 'FR' THEN 'fr' ELSE 'en' END,
       pg_temp.chance('in app ' || id) < 0.95,
       pg_temp.chance('push ' || id) < 0.7,
       pg_temp.chance('email ' || id) < 0.8,
       pg_temp.chance('quiet ' || id) < 0.03
FROM users;

INSERT INTO programs
SELECT id,
       'Program ' || id,
       (ARRAY ['beginner', 'intermediate', 'advanced'])[1 + (id / 12) % 3],
       'category ' || (id - 1) % 12,
       CASE WHEN pg_temp.chance('mat ' || id) < 0.5 THEN ARRAY ['mat', 'band'] ELSE '{}' END,
       timestamptz '2025-01-01 00:00:00+00'
FROM generate_series(1, current_setting('business.programs')::int) AS id;

INSERT INTO posts
SELECT id,
       'Post ' || id,
       ARRAY ['topic ' || (id - 1) % 12],
       timestamptz '2025-01-01 00:00:00+00' + id * interval '1 minute'
FROM generate_series(1, current_setting('business.posts')::int) AS id;

INSERT INTO follows
SELECT DISTINCT ON (follower, followed) follower, followed, pg_temp.moment('follow ' || follower || ' ' || n)
FROM (
    SELECT users.id AS follower, n,
           pg_temp.chosen('follow ' || users.id || ' ' || n, users.id, current_setting('business.users')::int, 0.8) AS followed
    FROM users CROSS JOIN generate_series(1, 15) AS n
) AS chosen
WHERE follower <> followed
ORDER BY follower, followed, n;

INSERT INTO profile_views
SELECT follower_id, followed_id, followed_at - interval '10 minutes' FROM follows
UNION ALL
SELECT users.id,
       pg_temp.chosen('look ' || users.id || ' ' || n, users.id, current_setting('business.users')::int, 0.7),
       pg_temp.moment('look ' || users.id || ' ' || n)
FROM users CROSS JOIN generate_series(1, 10) AS n;

-- Whoever joins has had a look before, and completes some of it weeks later.
INSERT INTO program_events
SELECT user_id, program_id, event_type, viewed_at + later
FROM (
    SELECT users.id AS user_id,
           pg_temp.chosen('program ' || users.id || ' ' || n, users.id, current_setting('business.programs')::int, 0.75) AS program_id,
           pg_temp.moment('program ' || users.id || ' ' || n) AS viewed_at,
           pg_temp.chance('join ' || users.id || ' ' || n) AS will
    FROM users CROSS JOIN generate_series(1, 12) AS n
) AS looks
CROSS JOIN (
    VALUES ('view', interval '0', 1.0), ('join', interval '5 minutes', 0.3), ('complete', interval '40 days', 0.15)
) AS kinds (event_type, later, share)
WHERE will < share AND viewed_at + later < timestamptz '2026-01-01 00:00:00+00';

INSERT INTO post_events
SELECT user_id, post_id, event_type, seen_at + later
FROM (
    SELECT users.id AS user_id,
           pg_temp.chosen('post ' || users.id || ' ' || n, users.id, current_setting('business.posts')::int, 0.75) AS post_id,
           pg_temp.moment('post ' || users.id || ' ' || n) AS seen_at,
           pg_temp.chance('like ' || users.id || ' ' || n) AS will
    FROM users CROSS JOIN generate_series(1, 25) AS n
) AS seen
CROSS JOIN (
    VALUES ('view', interval '0', 1.0), ('like', interval '1 minute', 0.35), ('comment', interval '2 minutes', 0.1)
) AS kinds (event_type, later, share)
WHERE will < share;

ANALYZE;
