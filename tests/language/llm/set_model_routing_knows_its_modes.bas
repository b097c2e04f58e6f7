SET MODEL ROUTING "random"
' expect error: Line 1: SET MODEL ROUTING needs manual, auto, load-balanced, fallback, not "random".
