SELECT person_id AS "USER_ID", show_id AS "ITEM_ID", what AS "EVENT_TYPE", extract(epoch FROM at)::bigint AS "TIMESTAMP"
FROM done
