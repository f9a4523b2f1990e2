"""The site: pages written here, and others made from the catalogue of mistakes and the repository's documents."""
