PARAM email AS EMAIL
' input: emial = "ana@example.com"
TALK email
' expect error: The input email is missing. emial was given: did you mean email?
