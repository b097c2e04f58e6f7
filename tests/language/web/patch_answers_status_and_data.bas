' answer PATCH: {"status": 201, "statusText": "Created", "headers": {}, "data": {"id": 5}}
r = PATCH "https://example.com/orders", {total: 9}
TALK r.status + ": " + r.data.id             ' expect: 201: 5
