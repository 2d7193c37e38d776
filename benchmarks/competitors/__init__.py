"""The same fold in other stream processors: each a program of its own, in their own environment.

    PROGRAM BROKER TOPIC EVENTS SECONDS

reads a topic from its beginning until so many events or seconds have passed since the first, and
prints what it did as JSON. The environment is made from `requirements.lock` beside this file.
"""
