"""What is published about a release: its pages, the delivery overview, differences, the data dictionary."""
