SELECT
  CASE WHEN u = 7 THEN 'user/7' ELSE 'user-' || u END AS "USER_ID",
  18 + u % 50 AS "AGE",
  'group-' || u % 4 AS "TASTE"
FROM generate_series(0, 149) AS u
ORDER BY u
