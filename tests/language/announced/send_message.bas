SEND MESSAGE "Your order is on its way"
' expect announced: Line 1: SEND MESSAGE
