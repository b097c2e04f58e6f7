' answer POST: {"status": 201, "statusText": "Created", "headers": {}, "data": {"id": 5}}
r = POST "https://example.com/orders", {total: 9}
TALK r.status + ": " + r.data.id             ' expect: 201: 5
