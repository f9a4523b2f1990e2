"""Who is examined: load reads somebody's code, drive runs one program on it, worker does so in another process."""
