import queue
import threading


class Pool:
    """A few threads that work off a queue."""

    def __init__(self, size=4):
        self.tasks = queue.Queue()
        self.results = []
        self.threads = [threading.Thread(target=self._work, daemon=True) for _ in range(size)]

    def start(self):
        for thread in self.threads:
            thread.start()

    def _work(self):
        while True:
            function, args = self.tasks.get()
            self.results.append(function(*args))
            self.tasks.task_done()

    def forward(self, function, *args):
        """Hand a task on to the threads."""
        self.tasks.put((function, args))

    def join(self):
        self.tasks.join()
        return self.results
