"""Our own tests, in folders that mirror the packages; a user's suite is reference_tests/suite."""
