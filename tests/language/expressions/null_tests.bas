x = NULL
TALK (x IS NULL) + " " + (x IS NOT NULL)     ' expect: true false
TALK (5 ?? 6) + (x ?? 7)                     ' expect: 12
TALK x?.name ?? "none"                       ' expect: none
