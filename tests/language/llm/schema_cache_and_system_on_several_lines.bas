order = LLM "Read: " + "two pens"
  WITH OPTIMIZE FOR "quality"
  WITH MAX_COST 0.05
  WITH MAX_LATENCY 5000
  WITH SYSTEM "You read orders"
  WITH SCHEMA {type: "object", properties: {count: {type: "integer"}}}
  WITH CACHE 3600 BY MEANING
TALK order.count + 1                         ' expect: 3
' answer LLM "Read: two pens": {"count": 2}
