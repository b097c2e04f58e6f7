GET IMAGE "spring flowers"
' expect announced: Line 1: GET IMAGE
