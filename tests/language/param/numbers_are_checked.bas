' input: n = "many"
PARAM n AS NUMBER
' expect error: The input n must be NUMBER, but the text "many" was given.
