"""fundsim."""
