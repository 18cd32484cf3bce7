SELECT id AS "ITEM_ID", topic AS "TOPIC", extract(epoch FROM created_at)::bigint AS "CREATION_TIMESTAMP"
FROM shows
