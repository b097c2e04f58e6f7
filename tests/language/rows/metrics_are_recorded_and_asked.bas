' answer RECORD METRIC: 3
' answer QUERY METRICS: [{"metric": "orders", "value": 3}]
TALK RECORD METRIC "orders", 3               ' expect: 3
m = QUERY METRICS "orders" FOR "7d" BY "1d"
TALK m[0].value                              ' expect: 3
