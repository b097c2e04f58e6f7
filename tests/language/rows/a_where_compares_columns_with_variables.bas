orders = [{status: "paid", t: 5}, {status: "open", t: 7}]
status = "open"
total = SUM orders, "t" WHERE status = status
TALK total                                   ' expect: 7
