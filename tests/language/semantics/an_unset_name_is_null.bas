IF limit IS NULL THEN TALK "unset"           ' expect: unset
' expect warning: Line 1: limit is read but never set: it is NULL. Set it first, or ask for it: PARAM limit AS STRING. A text stands in quotes: "limit".
