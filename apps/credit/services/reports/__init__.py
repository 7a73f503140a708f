"""Reports of scores.

content    everything a report shows, as plain values
issuing    frozen, numbered, withdrawn
sharing    with a person, or with whoever has an address
viewing    who looked
disputing  what somebody holds against a figure
paper      as PDF
"""
