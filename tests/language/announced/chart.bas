sales = [1, 2]
CHART "bar", sales
' expect announced: Line 2: CHART
