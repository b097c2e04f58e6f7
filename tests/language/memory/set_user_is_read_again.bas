SET USER "u-7"
TALK GET "session.user_id"                   ' expect: u-7
