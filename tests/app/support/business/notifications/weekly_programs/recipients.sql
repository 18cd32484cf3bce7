WITH newest AS (
    SELECT max(occurred_at) AS event FROM program_events
), joined AS (
    SELECT user_id,
           program_id,
           bool_or(event_type = 'complete')                     AS completed,
           max(occurred_at) FILTER (WHERE event_type = 'join')  AS at
    FROM program_events
    WHERE event_type IN ('join', 'complete')
    GROUP BY user_id, program_id
), programs_of AS (
    -- A program is active for twelve weeks after it was joined, unless it is completed.
    SELECT user_id,
           string_agg(program_id::text, '|' ORDER BY program_id)                        AS own,
           bool_or(NOT completed AND at > (SELECT event FROM newest) - interval '84 days') AS active
    FROM joined
    GROUP BY user_id
)
SELECT users.id::text                                                   AS "USER_ID",
       contact.email                                                    AS "EMAIL",
       contact.language                                                 AS "LANGUAGE",
       CASE WHEN contact.in_app_consent THEN 'yes' ELSE 'no' END        AS "IN_APP_CONSENT",
       CASE WHEN contact.push_consent THEN 'yes' ELSE 'no' END          AS "PUSH_CONSENT",
       CASE WHEN contact.email_consent THEN 'yes' ELSE 'no' END         AS "EMAIL_CONSENT",
       CASE WHEN contact.quiet THEN 'yes' ELSE 'no' END                 AS "QUIET",
       CASE WHEN coalesce(programs_of.active, false) THEN 'yes' ELSE 'no' END AS "ENGAGED",
       programs_of.own                                                  AS "OWN_ITEMS"
FROM users
JOIN contacts AS contact ON contact.user_id = users.id
LEFT JOIN programs_of ON programs_of.user_id = users.id
ORDER BY users.id
