QUERY METRICS "messages" FOR "7d" BY "1d"
' expect announced: Line 1: QUERY METRICS
