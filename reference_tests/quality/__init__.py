"""How good the suite is: mistakes caught, right ways passed, false alarms, changes of impl that nothing notices."""
