SCHEDULE IN 0 - 1 DAYS DO
  TALK "never"
END SCHEDULE
' expect error: Line 1: SCHEDULE IN needs 0 seconds or more, not -86400.
