TALK (GET JOURNAL OF "e-1")[0].keyword       ' expect: TALK
' answer GET JOURNAL: [{"keyword": "TALK"}]
