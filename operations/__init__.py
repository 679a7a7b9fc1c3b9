"""Running PREG day by day: logs, metrics, alerts, the doctor, backup and restore."""
