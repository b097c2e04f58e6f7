TALK FORMAT 1234.5 AS "#,##0.00"             ' expect: 1,234.50
x = FORMAT 0.5, "0%"
TALK x                                       ' expect: 50%
