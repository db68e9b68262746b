"""How speech is told: quotation marks, verbs of speaking and their subjects, and who is meant by them.

No parser and no model: closed classes of words, the forms of verbs, capital letters and the order of words, so that a
sentence takes some tens of microseconds. What is taken into account is described in the literature on direct and
indirect speech in news: PARC3 (Pareti, 2016), Muzny et al. (2017), Newell et al. (2018), Pavllo et al. (2018).
"""
