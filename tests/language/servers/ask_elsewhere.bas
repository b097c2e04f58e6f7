' answer ASK ELSEWHERE: "Lisbon"
TALK ASK ELSEWHERE "guide/ask" WITH "Where is the next fair?" ' expect: Lisbon
