SELECT id::text                                               AS "ITEM_ID",
       nullif(trim(regexp_replace(title, '\s+', ' ', 'g')), '') AS "TITLE",
       nullif(array_to_string(topics, '|'), '')               AS "TOPICS",
       floor(extract(epoch FROM published_at))::bigint        AS "CREATION_TIMESTAMP"
FROM posts
ORDER BY id
