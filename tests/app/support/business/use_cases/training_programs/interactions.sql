SELECT user_id::text                                  AS "USER_ID",
       program_id::text                               AS "ITEM_ID",
       event_type                                     AS "EVENT_TYPE",
       floor(extract(epoch FROM occurred_at))::bigint AS "TIMESTAMP"
FROM program_events
ORDER BY occurred_at, user_id, program_id, event_type
