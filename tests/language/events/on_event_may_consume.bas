ON EVENT "job" CONSUME DO
  TALK event.data
END ON
' expect effect: event.handled
