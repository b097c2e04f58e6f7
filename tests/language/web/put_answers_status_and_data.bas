' answer PUT: {"status": 201, "statusText": "Created", "headers": {}, "data": {"id": 5}}
r = PUT "https://example.com/orders", {total: 9}
TALK r.status + ": " + r.data.id             ' expect: 201: 5
