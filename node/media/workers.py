"""The node's one process that decodes images, started with the first image."""

from node.media.images import ImageWorker
from node.runtime.context import Context


def of(ctx: Context) -> ImageWorker:
    """The worker of this node."""
    kept = ctx.cache.of("image_worker", 1)
    worker: ImageWorker | None = kept.get("one")
    if worker is None:
        worker = ImageWorker()
        kept.put("one", worker)
    return worker


async def close(ctx: Context) -> None:
    """Stop it; to be called before the node ends."""
    kept = ctx.cache.of("image_worker", 1)
    worker: ImageWorker | None = kept.get("one")
    kept.drop("one")
    if worker is not None:
        await worker.close()
