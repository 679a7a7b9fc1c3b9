"""What must hold before anything is published: the checks, and the gate that runs them on a candidate."""
