"""What the services answer, once for every interface: each takes what a profile may see, and returns plain records."""
