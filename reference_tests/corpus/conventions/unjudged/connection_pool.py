import sqlite3


class Pooling:
    """Connections to a database, lent and taken back."""

    def __init__(self, path, size=5, timeout=3.0):
        self.path, self.timeout = path, timeout
        self.free = []
        self.size = size

    def forward(self, query, args=()):
        connection = self.free.pop() if self.free else sqlite3.connect(self.path, timeout=self.timeout)
        try:
            return connection.execute(query, args).fetchall()
        finally:
            if len(self.free) < self.size:
                self.free.append(connection)

    def backward(self, connection):
        self.free.append(connection)
