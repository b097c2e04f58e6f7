' answer WEBHOOK POST: {"status": 200, "statusText": "OK", "headers": {}, "data": "ok"}
r = WEBHOOK POST "https://example.com/hook" WITH {a: 1}
TALK r.data                                  ' expect: ok
