SET "config.hours" = 9
TALK GET "config", "hours"                   ' expect: 9
