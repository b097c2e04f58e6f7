x = DELEGATE "slow" TO BOT "clerk" TIMEOUT 5
TALK timed_out + " [" + x + "]"              ' expect: true []
' answer DELEGATE: timeout
