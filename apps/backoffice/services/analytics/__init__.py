"""Rollups of sales: which days are due, how they are counted, and what sums they give.

Changes are found by when rows were changed (marking), days are counted from the rows
alone (counting), and everything shown is a sum of what was counted (sums).
"""
