"""Invented catalogues and labelled listings, to measure the matching engine with."""
