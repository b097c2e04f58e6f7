"""English words whose forms no stemmer connects: one row a word, its base form first."""

from __future__ import annotations

_TABLE = """
bear bore born borne; beat beaten; become became; begin began begun; bend bent; bind bound; bite bit bitten
bleed bled; blow blew blown; break broke broken; breed bred; bring brought; build built; burn burnt; buy bought
catch caught; choose chose chosen; cling clung; come came; creep crept; deal dealt; dig dug; draw drew drawn
dream dreamt; drink drank drunk; drive drove driven; eat ate eaten; fall fell fallen; feed fed; feel felt
fight fought; find found; flee fled; fly flew flown; forbid forbade forbidden; forget forgot forgotten
forgive forgave forgiven; freeze froze frozen; get got gotten; give gave given; go went gone; grow grew grown
hang hung; hear heard; hide hid hidden; hold held; keep kept; kneel knelt; know knew known; lead led; lean leant
leap leapt; learn learnt; leave left; lend lent; light lit; lose lost; make made; mean meant; meet met
overcome overcame; pay paid; ride rode ridden; ring rang rung; rise rose risen; run ran; say said; see saw seen
seek sought; sell sold; send sent; sew sewn; shake shook shaken; shine shone; shoot shot; show shown
shrink shrank shrunk; sing sang sung; sink sank sunk; sit sat; sleep slept; slide slid; speak spoke spoken
spend spent; spin spun; spring sprang sprung; stand stood; steal stole stolen; stick stuck; sting stung; strike struck
strive strove striven; swear swore sworn; sweep swept; swim swam swum; swing swung; take took taken; teach taught
tear tore torn; tell told; think thought; throw threw thrown; understand understood; wake woke woken; wear wore worn
weave wove woven; weep wept; win won; withdraw withdrew withdrawn; write wrote written; child children; foot feet
goose geese; man men; mouse mice; person people; tooth teeth; woman women; wife wives; knife knives; half halves
shelf shelves; wolf wolves
"""

BASE: dict[str, str] = {
    form: row.split()[0] for line in _TABLE.strip().splitlines() for row in line.split(";") for form in row.split()[1:]
}
