SELECT
  'item-' || i AS "ITEM_ID",
  'group-' || i / 20 AS "TOPIC",
  extract(epoch FROM date_trunc('day', now(), 'UTC'))::bigint - 60 * 86400 + i AS "CREATION_TIMESTAMP"
FROM generate_series(0, 79) AS i
ORDER BY i
