question = "What is the late fee?"
TALK ANSWER question                         ' expect: 20 euros, says fees.pdf.
' answer ANSWER: "20 euros, says fees.pdf."
