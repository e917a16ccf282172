"""The way out: reactions to what happened here, one file for each activity that leaves. node.reactions lists them.

Each runs in the transaction that stated its fact, and takes one delivery order; nothing is sent here.
"""
