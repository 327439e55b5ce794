"""The guild's neighbours on one machine: Kafka, Mosquitto and gpsd, each
started from nothing in a folder of its own, on loopback only.

The demo, the end-to-end tests and the benchmarks use these classes; only
Python's standard library is needed.  See README.md for the reading order.
"""
