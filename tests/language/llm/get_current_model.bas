TALK GET CURRENT MODEL                       ' expect: openai/gpt-4o-mini
' answer GET CURRENT MODEL: "openai/gpt-4o-mini"
