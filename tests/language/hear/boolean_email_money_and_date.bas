HEAR sure AS BOOLEAN
HEAR mail AS EMAIL
HEAR price AS MONEY
HEAR day AS DATE
TALK sure + " " + mail + " " + price + " " + FORMAT(day, "yyyy/MM/dd")   ' expect: true ana@example.com 1234.5 2026/12/31
' answer HEAR: "yes"
' answer HEAR: "Ana@Example.com"
' answer HEAR: "$1,234.50"
' answer HEAR: "31/12/2026"
