"""Where it lands: the archive, the metrics, the published SQL."""
