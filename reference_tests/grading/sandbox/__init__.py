"""Run foreign code in a confined process: isolation levels, the fork server, the rules of the kernel."""
