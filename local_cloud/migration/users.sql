SELECT id AS "USER_ID", age AS "AGE"
FROM people
