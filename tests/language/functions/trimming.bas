TALK "[" + TRIM(" a ") + LTRIM(" b ") + RTRIM(" c ") + "]"   ' expect: [ab  c]
