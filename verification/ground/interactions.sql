-- Generated, without a table: 20 events of each of 150 users, four tastes; sample.py says the same in Python. What
-- somebody does last is new to them.
SELECT
  CASE WHEN u = 7 THEN 'user/7' ELSE 'user-' || u END AS "USER_ID",
  'item-' || CASE WHEN k % 5 = 0 THEN (u * 13 + k * 17) % 80 ELSE (u % 4) * 20 + (u * 7 + k * 7) % 20 END AS "ITEM_ID",
  CASE WHEN k % 3 = 0 THEN 'like' ELSE 'view' END AS "EVENT_TYPE",
  extract(epoch FROM date_trunc('day', now(), 'UTC'))::bigint - 30 * 86400 + (k * 150 + u) * 600 AS "TIMESTAMP"
FROM generate_series(0, 149) AS u, generate_series(0, 19) AS k
ORDER BY k, u
