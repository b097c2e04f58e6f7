started = NOW()
DELAY 60                                     ' expect wait: DELAY 60
TALK NOW() > started                         ' expect: true
