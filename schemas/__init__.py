"""What things are: values only, with no clock, file, network or framework."""
