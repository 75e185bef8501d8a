"""Measurements that anybody can repeat: `make bench`, or `python -m benchmarks NAME --size N` for one.

A benchmark is a module with `run(size, ...) -> list[Row]` (`benchmarks.harness`). It runs in a process and on
a freshly migrated database of its own, as the role `upward_app`, with production's settings.
"""
