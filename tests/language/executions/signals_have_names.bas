x = WAIT FOR SIGNAL ""
' expect error: Line 1: The name of a signal must be text that is not empty, not "".
