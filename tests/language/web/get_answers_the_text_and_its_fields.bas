' answer GET: "{\"usd\": 1.1}"
rates = GET "https://example.com/rates.json"
TALK rates.usd                               ' expect: 1.1
