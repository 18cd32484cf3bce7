SELECT user_id::text                                  AS "USER_ID",
       item_id::text                                  AS "ITEM_ID",
       event_type                                     AS "EVENT_TYPE",
       floor(extract(epoch FROM occurred_at))::bigint AS "TIMESTAMP"
FROM (
    SELECT follower_id AS user_id, followed_id AS item_id, 'follow' AS event_type, followed_at AS occurred_at
    FROM follows
    UNION ALL
    SELECT viewer_id, viewed_id, 'view', viewed_at
    FROM profile_views
    WHERE viewer_id <> viewed_id
) AS events
ORDER BY occurred_at, user_id, item_id, event_type
