AUTOCOMPLETE "customers", "name", "an"
' expect announced: Line 1: AUTOCOMPLETE
