SELECT id::text                                      AS "ITEM_ID",
       age::int                                      AS "AGE",
       gender                                        AS "GENDER",
       country::text                                 AS "COUNTRY",
       strength_category                             AS "STRENGTH_CATEGORY",
       floor(extract(epoch FROM created_at))::bigint AS "CREATION_TIMESTAMP"
FROM users
ORDER BY id
