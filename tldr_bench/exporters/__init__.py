"""A board for other programs and other people: one module for each foreign format.

An exporter takes a board (a scored task) and gives file names and contents; only the command writes.
"""
