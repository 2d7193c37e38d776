"""Tables of a data folder, laid over those that come with the package."""
