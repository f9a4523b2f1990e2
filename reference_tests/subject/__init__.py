"""The implementation under test: load reads it, execute runs one program on it, parent does so in another process."""
