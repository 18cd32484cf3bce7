SELECT id::text           AS "USER_ID",
       age::int           AS "AGE",
       gender             AS "GENDER",
       country::text      AS "COUNTRY",
       strength_category  AS "STRENGTH_CATEGORY"
FROM users
ORDER BY id
