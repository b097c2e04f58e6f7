x = WAIT FOR EVENT "order.pa*" TIMEOUT 60
' expect error: Line 1: In the pattern "order.pa*" the part "pa*" mixes a wildcard with other characters. A wildcard stands alone between dots: order.* or order.>.
