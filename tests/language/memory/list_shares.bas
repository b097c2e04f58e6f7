FOR EACH share IN LIST BOT SHARES
  TALK share.key + " of " + share.source     ' expect: order.* of sales
NEXT
' answer LIST BOT SHARES: [{"key": "order.*", "source": "sales", "target": "support"}]
