"""Probes of the frameworks that `compare --install` puts into environments of their own."""
