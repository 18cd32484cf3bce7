-- The sample application: a fitness community.
-- The use cases' queries (config/use_cases/*/*.sql) read these tables; a team replaces them by its own.
-- The comment on each table marks it as ours: the loader replaces only tables that carry it.

CREATE TABLE users (
    id                bigint PRIMARY KEY,
    name              text NOT NULL,
    age               smallint CHECK (age BETWEEN 13 AND 120),  -- null: not told, or younger than 13
    gender            text CHECK (gender IN ('female', 'male', 'other')),
    country           char(2),                                  -- ISO 3166-1 alpha-2
    strength_category text CHECK (strength_category IN ('beginner', 'intermediate', 'advanced', 'elite')),
    created_at        timestamptz NOT NULL
);

-- Where people may be reached, and what they agreed to; `quiet` overrides every consent.
CREATE TABLE contacts (
    user_id        bigint PRIMARY KEY REFERENCES users,
    email          text,                                        -- null: not given
    language       char(2),                                     -- ISO 639-1; null: not told
    in_app_consent boolean NOT NULL DEFAULT false,
    push_consent   boolean NOT NULL DEFAULT false,
    email_consent  boolean NOT NULL DEFAULT false,
    quiet          boolean NOT NULL DEFAULT false
);

-- Who follows whom; profile views are the weaker sign of the same interest.
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
    level        text NOT NULL CHECK (level IN ('beginner', 'intermediate', 'advanced')),
    category     text NOT NULL,                                 -- strength, running, mobility, ...
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

COMMENT ON TABLE users IS 'sample application: members of the community';
COMMENT ON TABLE contacts IS 'sample application: where and how people want to be notified';
COMMENT ON TABLE follows IS 'sample application: who follows whom, since when';
COMMENT ON TABLE profile_views IS 'sample application: who looked at whose profile';
COMMENT ON TABLE programs IS 'sample application: training programs';
COMMENT ON TABLE program_events IS 'sample application: programs viewed, joined, completed';
COMMENT ON TABLE posts IS 'sample application: posts';
COMMENT ON TABLE post_events IS 'sample application: posts viewed, liked, commented on';
