' answer GET: "{\"ok\": true}"
found = GET "https://example.com/search" WITH q = "two words", page = 2
TALK found.ok                                ' expect: true
