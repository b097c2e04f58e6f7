TALK "a"                                     ' expect: a
BEGIN SYSTEM PROMPT
IF you see this THEN it is prose.
END SYSTEM PROMPT
TALK "b"                                     ' expect: b
