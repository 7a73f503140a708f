"""Connect a shop, step by step; each step is an address of its own.

choose    which client, market and app; what will be asked
callback  back from the platform's consent page
pick      the exchange, and which shops to link
pull      how far the first pull is
links     one-time links for shop owners
grant     what a shop owner sees who came with such a link
"""
