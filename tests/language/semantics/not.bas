x = ""
IF NOT x THEN TALK "empty"                   ' expect: empty
TALK NOT TRUE                                ' expect: false
