' answer WEATHER: {"place": "Lisbon", "temperature": 21}
' answer FORECAST: [{"date": "2026-03-01", "high": 18}]
w = WEATHER "Lisbon"
TALK w.temperature                           ' expect: 21
f = FORECAST "Lisbon", 3
TALK f[0].high                               ' expect: 18
