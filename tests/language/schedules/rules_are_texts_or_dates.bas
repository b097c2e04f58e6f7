SET SCHEDULE 5
' expect error: Line 1: The name of a rule must be text that is not empty, not 5.
