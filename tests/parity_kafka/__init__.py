"""The same recorded events embedded and on Kafka: records and figures equal to the unit."""
