x = GET EXECUTION "e-1"
' expect error: Line 1: There is no engine here that other executions could run on.
