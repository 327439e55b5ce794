"""What schemathesis is told beside the description (test_schemathesis.py)."""
import itertools

import schemathesis

fresh = itertools.count(1)


@schemathesis.hook
def before_call(context, case, kwargs):
    """Another request has another key: else it hears of nothing else."""
    if case.headers and case.headers.get("Idempotency-Key") \
            and case.meta.generation.mode.is_positive:
        case.headers["Idempotency-Key"] = "schemathesis-%d" % next(fresh)
