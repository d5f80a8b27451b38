"""Which tests pytest-xdist gives to one process: those that share what takes seconds to compute."""


def together(config, log, scope):
    """A scheduler that gives all tests of one scope to one process, the scopes with most tests first.

    Args:
        config, log: as xdist hands them to its hook.
        scope: function of a test's id; its result is what tests that belong together have in common.
    """
    # xdist's own `loadgroup` does nothing under pytest 9.2.
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return scope(nodeid)

    return Together(config, log)
