"""One submission as a Subject, run behind an isolation level: judge uses it as it uses any other subject.

    with ForkServer() as server:                     # one a job (thread or process); numpy loaded once; not for bwrap
        for path in paths:
            try:
                with Confined(path, isolation="confined", timeout=10.0, memory=2 << 30, maps={}, server=server,
                              submission_timeout=120.0) as subject:
                    ...verdicts(checks, subject)...  # has, run, skipped, target, files as load()'s Subject
            except LoadError as error: ...           # str(error): crashed, hung, exited, no names: one sentence
            # anything else is a fault of ours: "grader error"

isolation: "none" | "process" | "confined" | "bwrap". server is optional: without one the subject starts its own (and
bwrap always does: one namespace a submission). `subject.isolation` is the level it runs at. A check's crash is in its
Trace.stop: reason "signal", "memory", "timeout" or "exit", with the text to show. `subject.restarts` counts how often
the worker was started again. isolation.py: available() -> {level: ""|why it is missing}; best() -> the highest level
of this machine; LEVELS in order. Unsupported asks raise isolation.Unavailable.
"""
