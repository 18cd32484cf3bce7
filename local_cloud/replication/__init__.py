"""What regions copy from each other: items of global tables, objects of buckets."""

from local_cloud.ground.settings import Settings


def install(settings: Settings) -> None:
    """Once per process."""
    from local_cloud.regions.instance import carrier
    from local_cloud.replication import figures, objects, replicas
    from local_cloud.replication.tables import GlobalTables
    from local_cloud.storage import writes

    tables = GlobalTables(carrier())
    writes.watch(tables.written)
    replicas.install(tables)
    objects.install(carrier())
    figures.install(settings, carrier())
