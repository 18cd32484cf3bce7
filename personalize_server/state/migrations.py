"""The state file's tables, step by step; a file of an older version is brought forward at start."""

import sqlite3

_STEPS = (
    """
    CREATE TABLE resources (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        arn TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        body TEXT NOT NULL,
        own TEXT NOT NULL,
        created REAL NOT NULL,
        updated REAL NOT NULL,
        phase TEXT NOT NULL,
        phase_since REAL NOT NULL,
        work TEXT,
        failure TEXT
    );
    CREATE INDEX resources_by_kind ON resources (kind, account, region, seq);
    CREATE INDEX resources_by_work ON resources (work) WHERE work IS NOT NULL;
    CREATE TABLE links (
        arn TEXT NOT NULL REFERENCES resources (arn) ON DELETE CASCADE,
        member TEXT NOT NULL,
        target TEXT NOT NULL,
        PRIMARY KEY (arn, member)
    ) WITHOUT ROWID;
    CREATE INDEX links_by_target ON links (target);
    CREATE TABLE tags (
        arn TEXT NOT NULL REFERENCES resources (arn) ON DELETE CASCADE,
        key TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (arn, key)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE put_records (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        dataset TEXT NOT NULL REFERENCES resources (arn) ON DELETE CASCADE,
        subject TEXT NOT NULL,
        cells TEXT NOT NULL,
        event_id TEXT,
        session TEXT,
        whole AS (json_extract(cells, '$.ITEM_ID') IS NOT '')
    );
    CREATE INDEX put_records_by_subject ON put_records (dataset, subject, seq);
    CREATE INDEX put_records_by_session ON put_records (dataset, session) WHERE session IS NOT NULL;
    CREATE UNIQUE INDEX put_records_by_event ON put_records (dataset, event_id) WHERE event_id IS NOT NULL;
    """,
    """
    CREATE TABLE revision (value INTEGER NOT NULL);
    INSERT INTO revision VALUES (0);
    CREATE TRIGGER resources_inserted AFTER INSERT ON resources
        BEGIN UPDATE revision SET value = value + 1; END;
    CREATE TRIGGER resources_updated AFTER UPDATE ON resources
        BEGIN UPDATE revision SET value = value + 1; END;
    CREATE TRIGGER resources_deleted AFTER DELETE ON resources
        BEGIN UPDATE revision SET value = value + 1; END;
    """,
    """
    ALTER TABLE put_records ADD COLUMN event_source TEXT;
    ALTER TABLE put_records ADD COLUMN recommendation_id TEXT;
    CREATE TABLE recommendation_key (value BLOB NOT NULL);
    INSERT INTO recommendation_key VALUES (randomblob(16));
    CREATE TABLE recommending (number INTEGER PRIMARY KEY AUTOINCREMENT, arn TEXT NOT NULL UNIQUE);
    INSERT INTO recommending (arn) SELECT arn FROM resources WHERE kind IN ('Campaign', 'Recommender');
    CREATE TRIGGER recommending_inserted AFTER INSERT ON resources
        WHEN NEW.kind IN ('Campaign', 'Recommender')
        BEGIN INSERT OR IGNORE INTO recommending (arn) VALUES (NEW.arn); END;
    CREATE TABLE attribution_progress (
        attribution TEXT PRIMARY KEY REFERENCES resources (arn) ON DELETE CASCADE,
        counted INTEGER NOT NULL,
        reported REAL NOT NULL,
        problem TEXT
    ) WITHOUT ROWID;
    INSERT INTO attribution_progress
        SELECT arn, (SELECT coalesce(max(seq), 0) FROM put_records), created, NULL
        FROM resources WHERE kind = 'MetricAttribution';
    CREATE TABLE attribution_reports (
        attribution TEXT NOT NULL REFERENCES resources (arn) ON DELETE CASCADE,
        name TEXT NOT NULL,
        content TEXT NOT NULL,
        PRIMARY KEY (attribution, name)
    );
    CREATE TABLE attribution_totals (
        attribution TEXT NOT NULL REFERENCES resources (arn) ON DELETE CASCADE,
        metric TEXT NOT NULL,
        event_type TEXT NOT NULL,
        source TEXT NOT NULL,
        value REAL NOT NULL,
        PRIMARY KEY (attribution, metric, event_type, source)
    ) WITHOUT ROWID;
    """,
    """
    CREATE INDEX put_records_of_metadata ON put_records (dataset, seq)
        WHERE dataset NOT GLOB '*INTERACTIONS';
    CREATE TABLE metadata_puts (
        dataset TEXT NOT NULL REFERENCES resources (arn) ON DELETE CASCADE,
        at INTEGER NOT NULL,
        first_seq INTEGER NOT NULL,
        total INTEGER NOT NULL,
        PRIMARY KEY (dataset, at)
    ) WITHOUT ROWID;
    """,
    """
    ALTER TABLE put_records ADD COLUMN event_type AS (coalesce(json_extract(cells, '$.EVENT_TYPE'), ''));
    CREATE INDEX put_records_by_type ON put_records (dataset, subject, event_type, seq)
        WHERE whole AND dataset GLOB '*/INTERACTIONS';
    """,
    """
    CREATE TABLE farewells (
        arn TEXT PRIMARY KEY,
        seq INTEGER NOT NULL,
        kind TEXT NOT NULL,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        links TEXT NOT NULL,
        answer TEXT NOT NULL,
        since REAL NOT NULL,
        listed INTEGER NOT NULL
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE clock (wall REAL NOT NULL, monotonic REAL NOT NULL, boot TEXT NOT NULL);
    INSERT INTO clock SELECT coalesce(max(max(updated), max(phase_since)), 0), 0, '' FROM resources;
    CREATE TABLE folder (identity TEXT NOT NULL, opened INTEGER NOT NULL, closed INTEGER NOT NULL);
    INSERT INTO folder VALUES (lower(hex(randomblob(16))), 0, 0);
    """,
    """
    CREATE INDEX resources_leaving ON resources (seq) WHERE phase = 'delete';
    CREATE INDEX resources_by_phase ON resources (kind, account, region, phase_since);
    CREATE INDEX resources_by_tracking_id ON resources (json_extract(body, '$.trackingId'))
        WHERE kind IN ('EventTracker', 'Dataset');
    CREATE TABLE counted (
        kind TEXT NOT NULL,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        number INTEGER NOT NULL,
        PRIMARY KEY (kind, account, region)
    ) WITHOUT ROWID;
    INSERT INTO counted SELECT kind, account, region, count(*) FROM resources GROUP BY kind, account, region;
    CREATE TRIGGER counted_inserted AFTER INSERT ON resources BEGIN
        INSERT INTO counted VALUES (NEW.kind, NEW.account, NEW.region, 1)
            ON CONFLICT (kind, account, region) DO UPDATE SET number = number + 1;
    END;
    CREATE TRIGGER counted_deleted AFTER DELETE ON resources BEGIN
        UPDATE counted SET number = number - 1
            WHERE kind = OLD.kind AND account = OLD.account AND region = OLD.region;
    END;
    CREATE INDEX farewells_by_time ON farewells (since);
    CREATE INDEX farewells_by_kind ON farewells (kind, account, region, seq) WHERE NOT listed;
    CREATE TABLE farewell_links (
        target TEXT NOT NULL,
        arn TEXT NOT NULL REFERENCES farewells (arn) ON DELETE CASCADE,
        PRIMARY KEY (target, arn)
    ) WITHOUT ROWID;
    CREATE INDEX farewell_links_by_arn ON farewell_links (arn);
    INSERT OR IGNORE INTO farewell_links
        SELECT value, farewells.arn FROM farewells, json_each(farewells.links);
    """,
    "ALTER TABLE clock ADD COLUMN commits INTEGER NOT NULL DEFAULT 0;",
)


def migrate(db: sqlite3.Connection) -> None:
    """Brings a state file of an older server up to date. Raises: ValueError, for one of a newer."""
    [version] = db.execute("PRAGMA user_version").fetchone()
    if version > len(_STEPS):
        raise ValueError(
            f"the state file has version {version}, this server knows {len(_STEPS)}: use a newer server"
        )
    for number, step in enumerate(_STEPS[version:], version + 1):
        db.executescript(f"BEGIN; {step} PRAGMA user_version = {number}; COMMIT;")
