"""The pure part: events in, records and figures out; time is an argument."""
