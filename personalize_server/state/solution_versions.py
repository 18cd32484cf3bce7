"""What is asked of all versions of a solution at once."""

from personalize_server.state.store import Store


def newest_trained(store: Store, solution: str) -> int | None:
    """The number (`seq`) of the solution's newest version whose training ended well; None: it has none."""
    sql = (
        "SELECT max(r.seq) FROM resources r JOIN links l ON l.arn = r.arn "
        "WHERE l.target = ? AND l.member = 'solutionArn' AND r.kind = 'SolutionVersion' AND r.work = 'done'"
    )
    [newest] = store.query(sql, solution)
    found: int | None = newest[0]
    return found
