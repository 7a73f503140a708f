"""Tells shops our stock: what is due is noted from news, sent, and the answer kept.

`noting` brings StockPush rows up to date with the ledger and the rules; `claiming`
takes what is due of one listing, `sending` sends it, `answers` keeps what came of it.
A `crew` does many listings at once, `working` a shop's until nothing is due. What state
follows from the figures is said by `standing`, which knows no database.
"""
