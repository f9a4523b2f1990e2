"""Known conventions, as a table: what each is recognised by, and in which layouts it has its arrays"""
