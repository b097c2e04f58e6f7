count = 0
ON EVENT "tick" DO
  count = count + 1
END ON
TALK count                                   ' expect: 0
' expect effect: event.handled
' expect warning: Line 2: What this block sets stays its own: count of the program does not change. Use bot memory, or PUBLISH EVENT and WAIT FOR EVENT.
