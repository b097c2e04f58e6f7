DELAY -1
' expect error: Line 1: DELAY needs 0 seconds or more, not -1.
