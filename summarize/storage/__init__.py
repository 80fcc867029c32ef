"""Files and tables on the disk.

In: bytes and rows. Out: files that are whole or not there, tables larger than memory.
"""
