names = ["ana", "bob"]
sum = 10
STEP 1: PARALLEL FOR EACH name IN names
  sum = sum + 1
  greeting = LLM "greet " + name
  RETURN UCASE(greeting)
END PARALLEL
TALK result[0] + " and " + result[1]    ' expect: HI ANA and HI BOB
TALK sum + " " + step1[1]               ' expect: 10 HI BOB
' answer LLM "greet ana": "hi ana"
' answer LLM "greet bob": "hi bob"
