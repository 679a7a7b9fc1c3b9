"""Who may read what: access profiles and their releases, client profiles and the mapping for clients."""
