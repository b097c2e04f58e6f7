"""Finding memories by their words and by their meaning, in process, without a model server.

A search scores every entry of one index through a few channels and adds them up (`fusion.py`):

    words          BM25 over the entry, whose words its neighbours hear too (`bm25.py`, `neighbours.py`)
    conversation   BM25 over the conversation it stands in
    meaning        cosine of word vectors, the neighbours mixed in (`embedding.py`)
    date           when it was said, if the question names a date (`dates.py`)
    length         in a conversation a long entry tells more than "Great!"
    author         it was said by somebody whom the question names
    answer         it follows a question
    question       it is one itself

The first five are graded and so compared as z-scores, the last three are flags. An index is pure: it does no I/O, knows
no tenant, no grant and no version. Its owner keeps one index for what one asker may see at most, and checks every hit
against the store.
"""
