SCHEDULE IN 10 MINUTES DO
  TALK "not now"
END SCHEDULE
TALK "planned"                               ' expect: planned
' expect effect: run.scheduled
