IF customer = NULL THEN TALK "nobody"   ' expect: nobody
TALK "[" + customer + "]"               ' expect: []
' expect warning: Line 1: customer is read but never set: it is NULL. Set it first, or ask for it: PARAM customer AS STRING. A text stands in quotes: "customer".
