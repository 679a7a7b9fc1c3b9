"""What is told of a release: its pages, the delivery overview, differences, the data dictionary."""
