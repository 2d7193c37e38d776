"""From a figure to the events that it rests on, and from a contact to the figures that it is in."""
