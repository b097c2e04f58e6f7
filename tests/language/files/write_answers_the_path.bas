' answer WRITE: "reports/may.csv"
p = WRITE "reports/may.csv", [{a: 1}]
TALK p                                       ' expect: reports/may.csv
