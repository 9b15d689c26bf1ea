"""The life of a run: queued by the clock or a person, executed by a worker in a child process, judged, guarded."""
