all = LIST SUBSCRIPTIONS
TALK all[0].pattern                          ' expect: order.*
' answer LIST SUBSCRIPTIONS: [{"pattern": "order.*"}]
