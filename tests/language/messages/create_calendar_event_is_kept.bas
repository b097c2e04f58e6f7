CREATE CALENDAR EVENT "Call", "2026-03-01", 30   ' expect effect: message.left
TALK "on"                                    ' expect: on
