' answer QUERY: [{"city": "Porto", "n": 4}]
rows = QUERY "SELECT city, COUNT(*) AS n FROM customers GROUP BY city"
TALK rows[0].city + " " + rows[0].n          ' expect: Porto 4
