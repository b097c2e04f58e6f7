address = WEBHOOK "Order Paid!"
TALK address                                 ' expect: /api/tester/webhook/order-paid
