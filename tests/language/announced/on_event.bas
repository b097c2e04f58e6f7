ON EVENT "order.paid" DO
  TALK "never"
END ON
' expect announced: Line 1: ON EVENT
