id = START WORKFLOW "shop/refund" WITH order_id = 5
TALK id                                      ' expect: e-1
' answer START WORKFLOW: "e-1"
