"""Stock for programs: what there is, how it came about, and what is done to it."""
