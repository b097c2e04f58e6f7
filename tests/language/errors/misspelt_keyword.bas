x = 1
PUBLISH EVNT "x"
' expect error: Line 2: PUBLISH EVNT is not a keyword. Did you mean PUBLISH EVENT?
