SELECT id::text AS "ITEM_ID",
       title    AS "TITLE"
FROM programs
ORDER BY id
