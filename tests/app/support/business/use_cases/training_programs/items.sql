SELECT id::text                                        AS "ITEM_ID",
       level                                           AS "LEVEL",
       category                                        AS "CATEGORY",
       nullif(array_to_string(equipment, '|'), '')     AS "EQUIPMENT",
       floor(extract(epoch FROM published_at))::bigint AS "CREATION_TIMESTAMP"
FROM programs
ORDER BY id
