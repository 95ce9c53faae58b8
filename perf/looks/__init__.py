"""Screens of many apps with posters on them, drawn and labelled: what `./dev bench review` reads.

`python -m perf.looks --seed S --out DIR [--per N] [--tricks N]`. Drawn from how apps look and not from what review can
read, in shapes of its own; what counts is a seed that nobody has looked at.
"""
