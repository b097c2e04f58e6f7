found = JSON PARSE "{\"a\": [1, 2]}"
TALK found.a[1]                              ' expect: 2
