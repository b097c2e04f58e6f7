x = SELECT name, total FROM orders WHERE total > 10
' expect announced: Line 1: SELECT
