' answer DELETE HTTP: {"status": 204, "statusText": "No Content", "headers": {}, "data": ""}
r = DELETE HTTP "https://example.com/orders/7"
TALK r.status                                ' expect: 204
