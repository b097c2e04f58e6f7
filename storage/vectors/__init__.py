"""Where vectors of meaning are kept when the process that searches does not hold them itself.

Derived data: made from rows of Postgres behind their commit (`storage/search/filling.py`), and never the word on what
exists. A store that is down, behind or wrong costs a search its sense of meaning; it cannot show what is gone, for
every hit is looked up in Postgres before anybody sees it.
"""
