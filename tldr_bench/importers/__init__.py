"""Predictions from the files of other tools: one module for each foreign format.

A reader turns a file into outputs (`foreign`), `matching` says which example each is about, `cleaning`
does what was asked for by name, and `load` checks the result and writes down how it came about.
"""
