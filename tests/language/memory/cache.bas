CACHE SET "rates", {usd: 2}, 3600
found = CACHE GET "rates"
TALK found.usd                               ' expect: 2
TALK CACHE GET "none", "nothing"             ' expect: nothing
