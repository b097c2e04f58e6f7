BEGIN SYSTEM PROMPT
You are kind. IF x THEN say so.
END SYSTEM PROMPT
TALK "ok"                                    ' expect: ok
