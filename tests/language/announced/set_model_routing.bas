SET MODEL ROUTING "auto"
' expect announced: Line 1: SET MODEL ROUTING
