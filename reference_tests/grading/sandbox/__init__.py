"""Foreign code in a confined process: isolation levels, the fork server, the kernel's rules."""
