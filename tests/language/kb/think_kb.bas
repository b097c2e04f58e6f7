answer = THINK KB "late fee"
TALK answer.results[0].content               ' expect: A late fee is 20 euros.
TALK answer.results[0].source + " " + answer.results[0].page   ' expect: fees.pdf 3
TALK answer.summary                          ' expect: 1 passage about "late fee", the best in handbook/fees.pdf, page 3: Fees.
TALK answer.confidence                       ' expect: 0.75
TALK JSON(answer.sources)                    ' expect: ["fees.pdf"]
TALK answer.total_results + answer.kb_count  ' expect: 2
nothing = THINK KB "the weather"
TALK nothing.summary                         ' expect: The knowledge bases say nothing about it.
TALK UBOUND(nothing.results) + " " + nothing.confidence   ' expect: 0 0
x = THINK KB ""
' expect error: Line 11: A knowledge base needs a question that is not empty.
