"""How fast the program is, always beside a yardstick timed in the same run; no test, nothing is asserted.

`python -m tests.benchmarks` runs all and prints one Markdown table, `python -m tests.benchmarks NAME …` some.
Read the ratios: seconds depend on the machine and on what else it does.
"""
