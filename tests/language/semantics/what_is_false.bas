FOR EACH x IN [NULL, "", 0, FALSE, [], {}]
  IF x THEN TALK "never"
NEXT
IF "0" THEN TALK "text is true"              ' expect: text is true
