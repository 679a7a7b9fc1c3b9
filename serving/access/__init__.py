"""Who may ask: clients, their passwords, how often they ask, and the log of whom they have looked up."""
