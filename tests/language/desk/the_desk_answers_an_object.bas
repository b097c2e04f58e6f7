r = TRANSFER TO HUMAN "support", "high", "wants a refund"   ' expect effect: message.left
IF r.success THEN TALK r.status              ' expect: queued
