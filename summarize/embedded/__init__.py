"""The embedded model, for those who have no other.

In: nothing but the disk. Out: the address of a llama.cpp server on the loopback interface.
"""
