limit = 5
ON EVENT "order.*" WHERE total > limit AND event.key = "vip" DO
  TALK "not now"
END ON
TALK "registered"                            ' expect: registered
' expect effect: event.handled
