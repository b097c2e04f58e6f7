TALK SUM([1, 2.5]) + " " + AVG([1, 2]) + " " + AVERAGE([{n: 4}], "n") + " " + COUNT([1, 1])   ' expect: 3.5 1.5 4 2
TALK (AVG([]) IS NULL) + " " + SUM([])       ' expect: true 0
