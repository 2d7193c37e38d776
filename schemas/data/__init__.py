"""Tables that come with the package: TOML, one row a fact, each with its own day and source."""
