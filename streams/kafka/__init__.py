"""The runtime on Kafka: the same core and archive, any number of processes and machines."""
