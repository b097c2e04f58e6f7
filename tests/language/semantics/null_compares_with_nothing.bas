TALK (NULL > 1) + " " + (NULL = NULL) + " " + (nothing = NULL) + " " + (nothing < 1)   ' expect: false true true false
' expect warning: Line 1: nothing is read but never set: it is NULL. Set it first, or ask for it: PARAM nothing AS STRING. A text stands in quotes: "nothing".
