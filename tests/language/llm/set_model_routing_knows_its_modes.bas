SET MODEL ROUTING "random"
' expect warning: Line 1: SET MODEL ROUTING needs manual, auto, load-balanced, fallback, not "random". This line fails where it is run.
' expect error: Line 1: SET MODEL ROUTING needs manual, auto, load-balanced, fallback, not "random".
