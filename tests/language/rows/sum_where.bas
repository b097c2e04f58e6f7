orders = [{s: "paid", t: 5}, {s: "open", t: 7}, {s: "paid", t: 1}]
paid = SUM orders, "t" WHERE s = "paid"
TALK paid                                    ' expect: 6
TALK SUM orders, "t"                         ' expect: 13
