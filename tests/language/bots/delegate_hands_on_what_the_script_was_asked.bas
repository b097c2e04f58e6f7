' input: message = "Where is my parcel?"
answer = DELEGATE TO "echo parcels"
TALK answer                                  ' expect: Where is my parcel?
