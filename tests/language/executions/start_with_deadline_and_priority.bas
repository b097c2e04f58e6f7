id = START WORKFLOW "shop/refund" WITH order_id = 5 DEADLINE 3600 PRIORITY -5 IDEMPOTENCY KEY "refund 5"
TALK id                                      ' expect: e-1
' answer START WORKFLOW: "e-1"
