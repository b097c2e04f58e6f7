PARAM count AS INTEGER
' input: count = "many"
TALK count
' expect error: The input count must be INTEGER, but the text "many" was given.
