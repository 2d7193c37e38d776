"""Power cuts and failing calls: what the tests of archive, state and log share."""
