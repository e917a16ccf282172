"""Files are kept whole, found again, and never outside their folder."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.runtime.errors import Invalid
from node.runtime.storage import FolderStorage, Storage


@pytest.fixture
def storage(tmp_path) -> Storage:
    return FolderStorage(tmp_path / "media")


async def test_what_was_put_is_found_again(storage):
    await storage.put("media/112/original.jpg", b"one", "image/jpeg")
    assert await storage.get("media/112/original.jpg") == b"one"
    assert storage.path("media/112/original.jpg").read_bytes() == b"one"
    await storage.put("media/112/original.jpg", b"two", "image/jpeg")
    assert await storage.get("media/112/original.jpg") == b"two"


async def test_what_was_never_put_is_absent(storage):
    assert await storage.get("media/1/original.jpg") is None
    await storage.delete("media/1/original.jpg")
    await storage.put("media/1", b"x", "image/png")
    assert await storage.get("media") is None, "the beginning of a key is another key"


async def test_deletion_leaves_nothing(storage, tmp_path):
    await storage.put("media/1/original.jpg", b"x", "image/jpeg")
    await storage.put("media/2/original.jpg", b"y", "image/jpeg")
    await storage.delete("media/1/original.jpg")
    assert await storage.get("media/1/original.jpg") is None
    assert await storage.get("media/2/original.jpg") == b"y"
    await storage.delete("media/2/original.jpg")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [], "a deleted picture is still on the disk"


async def test_a_write_that_fails_leaves_the_old_file(storage, tmp_path):
    await storage.put("a", b"old", "image/png")
    with pytest.raises(TypeError):
        await storage.put("a", None, "image/png")
    assert await storage.get("a") == b"old"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["a"], "half a file stayed behind"


async def test_many_writers_of_one_key_leave_one_whole_file(storage):
    bodies = [bytes([number]) * 50_000 for number in range(20)]
    await asyncio.gather(*[storage.put("same", body, "image/png") for body in bodies])
    assert await storage.get("same") in bodies


async def test_writing_and_deleting_beside_each_other_fails_for_nobody(storage):
    """A deletion once took away the folder that a writer had just made: many rounds, since it showed in one of ten."""
    for _ in range(100):
        work = [storage.put(f"d/{n}/x", b"x", "image/png") for n in range(4)] + [
            storage.delete(f"d/{n}/x") for n in range(4)
        ]
        await asyncio.gather(*work)


@pytest.mark.parametrize(
    "key",
    ["", "/etc/passwd", "../x", "a/../../x", "a/..", "a//b", "a/", ".hidden", "a/.hidden", "a\\b", "a\x00b", "A", "é", "a b", "x" * 201, "a\n", "~/x", "c:x", "%2e%2e/x"],
)  # fmt: skip
async def test_a_key_never_leaves_the_folder(storage, key):
    for attempt in (storage.get(key), storage.put(key, b"", "image/png"), storage.delete(key)):
        with pytest.raises(Invalid):
            await attempt


@given(st.text(alphabet=st.sampled_from("ab./\\-_~%\0 é"), max_size=20))
def test_any_key_is_refused_or_inside(tmp_path_factory, key):
    root = tmp_path_factory.getbasetemp() / "root"
    try:
        path = FolderStorage(root).path(key)
    except Invalid:
        return
    assert path.resolve().is_relative_to(root.resolve())
