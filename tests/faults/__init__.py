"""The fault suite: roles and a broker of their own, killed, stopped and cut off at seeded moments.

A load posts events and keeps a history of every attempt and every answer; a checker reads that
history afterwards, beside the archive and the figures, and names what was lost or doubled.
"""
